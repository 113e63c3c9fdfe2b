"""Whatever colours a school chooses, what stands on them can be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pages.assets import FOLDER
from shared.pages.colours import DEFAULT, Colours, checked_colour, colours_of, contrast
from shared.pages.theme import DARKEST_PAPER, theme_css

ENOUGH = 4.5
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    "said",
    [
        None, 7, "", "red", "#fff", "#12345", "#1234567", "#12345g", "123456", "#123456;", "#123456\n",
        "#١٢٣٤٥٦", "url(//evil)", {"a": 1}, "#fff}body{display:none",
    ],
)  # fmt: skip
def test_what_is_no_colour_is_not_taken(said: object) -> None:
    assert checked_colour(said) is None
    assert colours_of(said, said).primary == DEFAULT


@given(colours, colours)
def test_every_text_of_the_theme_can_be_read(primary: str, secondary: str) -> None:
    theme = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", theme_css(Colours(primary, secondary))))
    for name in ("brand", "accent"):
        assert contrast(theme[f"on-{name}"], theme[name]) >= ENOUGH
        assert contrast(theme[f"on-{name}-deep"], theme[f"{name}-deep"]) >= ENOUGH
        for ground in ("#ffffff", theme[f"{name}-tint"], theme[f"{name}-wash"], DARKEST_PAPER):
            assert contrast(theme[f"{name}-ink"], ground) >= ENOUGH


def test_no_design_has_a_darker_paper_than_links_are_made_for() -> None:
    sheets = "".join(path.read_text() for path in FOLDER.glob("*.css"))
    papers = re.findall(r"--(?:ground|soft): (#[0-9a-f]{6})", sheets)
    assert len(papers) >= 6
    assert all(contrast(paper, "#ffffff") <= contrast(DARKEST_PAPER, "#ffffff") for paper in papers)


def test_contrast_is_counted_as_the_guidelines_count_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#3b82f6", "#ffffff") == pytest.approx(3.68, abs=0.01)
