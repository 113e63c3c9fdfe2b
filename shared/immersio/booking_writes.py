"""The calls that bring Immersio to know a booking as it is: its enrolment, and the lesson itself."""

from collections.abc import Callable
from http import HTTPStatus

from shared.clients.immersio import Document, Immersio
from shared.clients.immersio_errors import ImmersioFailed
from shared.immersio.log_rows import Kind
from shared.immersio.names import parts_of_name
from shared.immersio.pushed_bookings import PushedBooking


class BookingWrites:
    """The calls for one booking; `made` tells what was written, `kind` what is being written."""

    def __init__(self, immersio: Immersio, booking: PushedBooking) -> None:
        self.immersio = immersio
        self.booking = booking
        self.kind: Kind = "ENROLLMENT"
        self.made: dict[Kind, str] = {}
        self.student_id: str | None = booking.student_id
        self.enrollment_id: str | None = None

    def put(self) -> None:
        """The enrolment first: it tells who the student is there."""
        self._put_enrollment("active")
        self.made["ENROLLMENT"] = "put"
        self.kind = "BOOKING"
        self._put_booking("accepted")
        self.made["BOOKING"] = "put"

    def remove(self) -> None:
        self.kind = "BOOKING"
        self._outdate(lambda: self._put_booking("cancelled"))
        self.immersio.delete_booking(self.booking.uid)
        self.made["BOOKING"] = "deleted"
        self.kind = "ENROLLMENT"
        self._outdate(lambda: self._put_enrollment("inactive"))
        self.immersio.delete_enrollment(self.booking.uid)
        self.made["ENROLLMENT"] = "deleted"

    def _outdate(self, write: Callable[[], None]) -> None:
        """Of what has never arrived, or cannot be written any more, there is nothing to outdate."""
        if self.booking.pushed_version is None or self.booking.course_id is None:
            return
        try:
            write()
        except ImmersioFailed as failure:
            if not failure.is_of_the_call:
                raise

    def _put_enrollment(self, status: str) -> None:
        try:
            told = self.immersio.put_enrollment(self.booking.uid, _enrollment(self.booking, status))
        except ImmersioFailed as failure:
            _pass_over_stale(failure)
        else:
            self.student_id, self.enrollment_id = told.student_id, told.id

    def _put_booking(self, status: str) -> None:
        if self.student_id is None:
            # Only when Immersio knows a newer enrolment than ours: then a newer booking too.
            return
        try:
            self.immersio.put_booking(self.booking.uid, _booking(self.booking, status, self.student_id))
        except ImmersioFailed as failure:
            _pass_over_stale(failure)


def _pass_over_stale(failure: ImmersioFailed) -> None:
    """Immersio knows something newer, which is what we wanted."""
    if failure.status != HTTPStatus.CONFLICT or failure.code != "stale_version":
        raise failure


def _booking(booking: PushedBooking, status: str, student_id: str) -> Document:
    return {
        "course_id": booking.course_id,
        "student_id": student_id,
        "start_at": booking.start_at,
        "end_at": booking.end_at,
        "status": status,
        "paid": booking.paid,
        "amount_minor": booking.amount_minor,
        "currency": booking.currency,
        "version": booking.version,
    }


def _enrollment(booking: PushedBooking, status: str) -> Document:
    given, family = parts_of_name(booking.name or "", booking.locale or "")
    return {
        "course_id": booking.course_id,
        "student": {"email": booking.email, "given_name": given, "family_name": family},
        "role": "student",
        "status": status,
        "begin_date": booking.begin_date,
        "end_date": booking.end_date,
        "version": booking.version,
    }
