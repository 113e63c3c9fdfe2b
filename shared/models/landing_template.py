"""One of the designs a landing page can take; the same for every school."""

from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import Base


class LandingTemplate(Base):
    __tablename__ = "LandingTemplate"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    description: Mapped[str]
    preview_image: Mapped[str]
