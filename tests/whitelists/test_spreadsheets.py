"""One sheet is one list, whichever program saved it and however."""

from pathlib import Path

import pytest

from tests.whitelists.imports import Imports
from tests.whitelists.make_spreadsheets import FOLDER, KINDS

LISTED = ["lan@example.com", "mai.nguyen+a1@example.com", "nam@example.com"]


def test_every_saved_sheet_is_imported_here() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(KINDS)


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_saved_sheet_is_its_list(imports: Imports, file: Path) -> None:
    asked = imports.ask()
    imports.carry_out(asked, iter([file.read_bytes()]))
    # A line before the header counts.
    first = 1 if file.name == "excel-sep.csv" else 0
    assert imports.listed() == LISTED
    assert imports.counts(asked) == [6, 3, 1, 0, 2]
    assert imports.rejections(asked) == [
        (first + 7, "không có", "not_an_address"),
        (first + 9, "ph\u0430m@example.com", "look_alike"),
    ]
