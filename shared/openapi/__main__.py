"""`python -m shared.openapi` writes the document; with `--check` it only says whether it is up to date."""

import json
import sys

from shared.openapi.document import FILE
from shared.openapi.render import render


def main(arguments: list[str]) -> int:
    rendered = json.dumps(render(), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        FILE.write_text(rendered, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == rendered:
        return 0
    sys.stderr.write("shared/openapi/openapi.json is older than the code: run python -m shared.openapi\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
