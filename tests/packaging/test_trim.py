from pathlib import Path

import pytest

from layers.trim import main, read_globs, trim


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    for name in ("library/testing/suite.py", "library/core.py", "bin/tool"):
        path = tmp_path / "python" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return tmp_path / "python"


def test_a_glob_that_matches_nothing_stops_the_build(layer: Path, tmp_path: Path) -> None:
    unused = tmp_path / "unused.txt"
    unused.write_text("library/moved  was here once\nbin  commands for people\n")
    with pytest.raises(SystemExit, match="nothing matches library/moved any more"):
        main(str(layer), str(unused))


def test_folders_and_files_that_match_are_removed_and_the_rest_stays(layer: Path) -> None:
    assert trim(layer, ["library/testing", "bin/*"]) == []
    assert [path.relative_to(layer).as_posix() for path in layer.rglob("*") if path.is_file()] == [
        "library/core.py"
    ]


def test_reasons_comments_and_empty_lines_are_not_globs(tmp_path: Path) -> None:
    unused = tmp_path / "unused.txt"
    unused.write_text("# why\n\n**/*.pyi  read by type checkers\n")
    assert read_globs(unused) == ["**/*.pyi"]
