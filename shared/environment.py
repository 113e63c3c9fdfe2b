"""Reading the environment where a whole validated type (shared/config.py) would take longer than the work."""

import os


def required(name: str) -> str:
    """The variable. Raises KeyError, which names it, when it is not there; ValueError when it is empty."""
    value = os.environ[name]
    if not value:
        raise ValueError(f"{name} is empty")
    return value
