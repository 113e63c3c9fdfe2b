"""A school's landing page, and the designs there are."""

from datetime import UTC

from sqlalchemy import Connection, text

from shared.landing.schemas import LandingOfStaff, LandingTemplates, LandingTemplateView
from shared.plans.check_plan import features_of

# The first design is every plan's.
FIRST_TEMPLATE = 1

_SAME = (
    "template_id", "primary_color", "secondary_color", "logo_url", "hero_image_url", "page_title",
    "page_subtitle", "teacher_bio", "teacher_image_url", "cta_button_text", "published",
)  # fmt: skip
_PAGE = text("""
    SELECT "templateId" AS template_id, "primaryColor" AS primary_color, "secondaryColor" AS secondary_color,
           "logoUrl" AS logo_url, "heroImageUrl" AS hero_image_url, "pageTitle" AS page_title,
           "pageSubtitle" AS page_subtitle, "teacherBio" AS teacher_bio,
           "teacherImageUrl" AS teacher_image_url, "socialLinks" AS social_links,
           "ctaButtonText" AS cta_button_text, published, "seoSettings" AS seo_settings,
           "updatedAt" AS updated_at
    FROM "TenantLandingSettings" WHERE "tenantId" = :tenant
""")
_TEMPLATES = text("""
    SELECT id, name, description, "previewImage" AS preview_image FROM "LandingTemplate" ORDER BY id
""")


def get_landing(connection: Connection, tenant_id: int) -> LandingOfStaff:
    """As it is set up, or as it would be if nobody said anything."""
    row = connection.execute(_PAGE, {"tenant": tenant_id}).one_or_none()
    if row is None:
        return LandingOfStaff()
    return LandingOfStaff.model_construct(
        **{name: getattr(row, name) for name in _SAME},
        social_links=row.social_links if isinstance(row.social_links, dict) else None,
        seo_settings=row.seo_settings if isinstance(row.seo_settings, dict) else None,
        updated_at=row.updated_at.replace(tzinfo=UTC),
    )


def list_templates(connection: Connection, tenant_id: int) -> LandingTemplates:
    """All designs, and which the plan has."""
    has_all = "landingTemplates" in features_of(connection, tenant_id)
    return LandingTemplates(
        templates=[
            LandingTemplateView(**row, available=has_all or row["id"] == FIRST_TEMPLATE)
            for row in connection.execute(_TEMPLATES).mappings()
        ]
    )
