"""Who comes to a booking."""

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.models.base import MADE_HERE, Base, of_tenant, reference, tenant_reference


class Attendee(Base):
    __tablename__ = "Attendee"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    time_zone: Mapped[str]
    booking_id: Mapped[int | None]
    locale: Mapped[str | None] = mapped_column(server_default=text("'en'"))
    phone_number: Mapped[str | None]
    no_show: Mapped[bool | None] = mapped_column(server_default=text("false"))

    # Ours.
    tenant_id: Mapped[int]

    __table_args__ = (
        reference("Attendee_bookingId_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        Index("Attendee_bookingId_idx", "bookingId"),
        Index("Attendee_email_idx", "email"),
        # Ours.
        of_tenant("Attendee"),
        Index("Attendee_tenantId_idx", "tenantId"),
        Index("Attendee_id_tenantId_key", "id", "tenantId", unique=True),
        tenant_reference("Attendee_bookingId_tenant_fkey", "bookingId", "Booking", ondelete="CASCADE"),
        MADE_HERE,
    )
