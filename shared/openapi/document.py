"""The OpenAPI document as it is served."""

from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("openapi.json")


@cache
def rendered_document() -> str:
    """The document as it was rendered last; `python -m shared.openapi` keeps it equal to the code."""
    return FILE.read_text(encoding="utf-8")
