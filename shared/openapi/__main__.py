"""`python -m shared.openapi` writes the document, and the table of roles in docs/roles.md.

With `--check` it only says whether they are up to date.
"""

import json
import sys
from pathlib import Path

from shared.openapi.document import FILE
from shared.openapi.render import render
from shared.openapi.roles import render_roles

ROLES = Path(__file__).parents[2] / "docs" / "roles.md"


def main(arguments: list[str]) -> int:
    rendered = {FILE: json.dumps(render(), indent=1, ensure_ascii=False) + "\n", ROLES: render_roles()}
    if "--check" not in arguments:
        for file, text in rendered.items():
            file.write_text(text, encoding="utf-8")
        return 0
    old = [file for file, text in rendered.items() if not file.exists() or file.read_text("utf-8") != text]
    for file in old:
        sys.stderr.write(f"{file.name} is older than the code: run python -m shared.openapi\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
