"""How a school's landing page is set up and told."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, model_validator

from shared.fields import AsWhole, Document, Name, Notes
from shared.landing.urls import LINKS, https_url, is_of

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]
Url = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(https_url)]
Button = Annotated[Name, StringConstraints(max_length=40)]


class SocialLinks(Document):
    """Each at its own network."""

    facebook: Url | None = Field(None, examples=["https://www.facebook.com/aurora"])
    instagram: Url | None = None
    youtube: Url | None = None
    tiktok: Url | None = None

    @model_validator(mode="after")
    def _at_home(self) -> Self:
        for network, hosts in LINKS.items():
            link = getattr(self, network)
            if link is not None and not is_of(link, hosts):
                raise ValueError(f"the link of {network} must lead there")
        return self


class SeoSettings(Document):
    """What search engines and links to the page show."""

    meta_title: Annotated[Name, StringConstraints(max_length=120)] | None = None
    meta_description: Annotated[Name, StringConstraints(max_length=320)] | None = Field(
        None, description="One line"
    )
    og_image: Url | None = None


class LandingTerms(Document):
    """The page as a whole. Images are at hosts that the service allows."""

    template_id: Annotated[int, Field(ge=1, le=1_000, strict=True), AsWhole] = 1
    primary_color: Colour | None = Field("#3B82F6", examples=["#3B82F6"])
    secondary_color: Colour | None = None
    logo_url: Url | None = Field(None, examples=["https://images.example.com/aurora/logo.png"])
    hero_image_url: Url | None = None
    page_title: Name | None = Field(None, examples=["Aurora"])
    page_subtitle: Annotated[Notes, StringConstraints(max_length=1_000)] | None = None
    teacher_bio: Notes | None = None
    teacher_image_url: Url | None = None
    social_links: SocialLinks | None = None
    cta_button_text: Button = "Book Now"
    published: StrictBool = False
    seo_settings: SeoSettings | None = None

    def images(self) -> dict[str, str]:
        """By their places in the document."""
        own = {"/logoUrl": self.logo_url, "/heroImageUrl": self.hero_image_url,
               "/teacherImageUrl": self.teacher_image_url,
               "/seoSettings/ogImage": self.seo_settings and self.seo_settings.og_image}  # fmt: skip
        return {place: url for place, url in own.items() if url}


class LandingOfStaff(LandingTerms):
    """Fields may hold what could not be entered here, where somebody wrote them into the database."""

    social_links: dict[str, Any] | None = None  # type: ignore[assignment]
    seo_settings: dict[str, Any] | None = None  # type: ignore[assignment]
    updated_at: datetime | None = Field(None, description="Absent where nobody set it up yet")


class LandingTemplateView(Document):
    id: int
    name: str
    description: str
    preview_image: str
    available: bool = Field(description="On the school's plan")


class LandingTemplates(Document):
    templates: list[LandingTemplateView]
