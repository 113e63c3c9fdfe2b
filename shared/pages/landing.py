"""A school's landing page as it is stored, read with distrust: adopted rows may hold anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.pages.colours import Colours, colours_of
from shared.pages.links import image_url, social_links
from shared.plans.plans import PLANS, features_by

# By the ids of "LandingTemplate"; the first is every plan's.
DESIGNS = {
    1: "education-center",
    2: "personal-tutor",
    3: "workshop-studio",
    4: "language-cafe",
    5: "exam-academy",
}
# What the column says where nobody has chosen words.
DEFAULT_CALL = "Book Now"
_LONGEST_LINE, _LONGEST_TEXT = 200, 5_000


@dataclass(frozen=True, slots=True)
class Landing:
    """Texts are as they were written, to be escaped where they are put; empty where there is none."""

    is_published: bool
    design: str
    colours: Colours
    title: str
    subtitle: str
    about: str
    call: str
    logo: str | None
    hero: str | None
    portrait: str | None
    profiles: Sequence[tuple[str, str]]
    meta_title: str
    meta_description: str
    meta_image: str | None

    @property
    def pictures(self) -> list[str]:
        return [url for url in (self.logo, self.hero, self.portrait) if url]


def landing_of(said: Mapping[str, Any], plan: str, features: Any) -> Landing:
    """`said` is the row by its columns' names; what the plan does not allow is not shown."""
    seo = said.get("seoSettings")
    seo = seo if isinstance(seo, dict) else {}
    return Landing(
        is_published=said.get("published") is True,
        design=_design(said.get("templateId"), plan, features),
        colours=colours_of(said.get("primaryColor"), said.get("secondaryColor")),
        title=_line(said.get("pageTitle")),
        subtitle=_text(said.get("pageSubtitle")),
        about=_text(said.get("teacherBio")),
        call=_call(said.get("ctaButtonText")),
        logo=image_url(said.get("logoUrl")),
        hero=image_url(said.get("heroImageUrl")),
        portrait=image_url(said.get("teacherImageUrl")),
        profiles=social_links(said.get("socialLinks")),
        meta_title=_line(seo.get("metaTitle")),
        meta_description=_line(seo.get("metaDescription")),
        meta_image=image_url(seo.get("ogImage")),
    )


def _design(number: Any, plan: str, features: Any) -> str:
    """Another than the first is a feature of the plan, which may have changed since it was chosen."""
    # A plan that nobody knows allows what the smallest does.
    granted = features_by(plan if plan in PLANS else "LITE", features)
    chosen = number if isinstance(number, int) and "landingTemplates" in granted else 1
    return DESIGNS.get(chosen, DESIGNS[1])


def _call(said: Any) -> str:
    told = _line(said)
    return "" if told == DEFAULT_CALL else told


def _line(said: Any) -> str:
    return " ".join(said.split())[:_LONGEST_LINE] if isinstance(said, str) else ""


def _text(said: Any) -> str:
    return said.strip()[:_LONGEST_TEXT] if isinstance(said, str) else ""
