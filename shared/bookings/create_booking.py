"""A student books a lesson: a look, a write, one transaction, and nobody else has that time."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from shared.bookings.book_lesson import LessonToBook, book_lesson
from shared.bookings.errors import (
    BookerLimitReached,
    NotBookableOnline,
    NotWhitelisted,
    SlotNotOffered,
    SlotTaken,
)
from shared.bookings.idempotency import request_hash
from shared.bookings.period_limits import period_limits
from shared.bookings.schemas import BookingCreated, NewBooking
from shared.bookings.tokens import new_token, new_uid
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused, TooManyRequests, TryAgain
from shared.event_types.schemas import Teacher
from shared.slots.find_slots import is_bookable
from shared.slots.offer import Offer, OfferedTeacher, OfferQuestion, load_offer
from shared.throttling.limit_requests import WINDOW_SECONDS
from shared.time_zones import zone
from shared.usage.month_full import month_full

if TYPE_CHECKING:
    from shared.bookings.favours import Favours
    from shared.payments.payment_terms import PaymentTerms

# Bookings this near count when any teacher will do and one is chosen.
AROUND_SECONDS = 12 * 60 * 60
# More than a class of students books behind one address of a school's network.
MOST_FROM_ONE_SOURCE = 120


@dataclass(frozen=True, slots=True)
class Booked:
    """The answer, whether it was given before to the same Idempotency-Key, and whether it costs something."""

    answer: BookingCreated
    replayed: bool = False
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to book: the Idempotency-Key, when, and a digest of whence."""

    command: NewBooking
    key: str | None
    now: datetime
    source: str | None = None

    @property
    def start(self) -> int:
        return int(self.command.start.timestamp())

    @property
    def hash(self) -> str:
        at = self.command.start.astimezone(UTC)
        return request_hash(self.command.model_copy(update={"start": at}))


def create_booking(  # what is asked, whence, and what the school lets pass
    connection: Connection,
    command: NewBooking,
    key: str | None,
    now: datetime,
    source: str | None = None,
    favours: "Favours | None" = None,
) -> Booked:
    """Book a lesson at `now` for the tenant of the transaction, which this ends.

    What costs something is pending then, with a checkout that nobody has opened. `favours` are of the
    school, when it is who books.
    Raises TenantNotFound, TenantSuspended, EventTypeNotFound, TeacherNotFound, IdempotencyKeyInUse,
    IdempotencyKeyReused, NotBookableOnline, PlanLimitReached, NotWhitelisted, BookerLimitReached,
    SlotNotOffered, SlotTaken, TooManyRequests, PaymentsNotSetUp; TryAgain when a request with the same key
    came in between.
    """
    asked = Asked(command, key, now, source)
    offer = load_offer(connection, _question(asked))
    if favours is not None:
        offer = favours.on_lesson(offer)
    if not offer.booker.is_alone:
        raise IdempotencyKeyInUse
    if offer.booker.first is not None:
        return _first_answer(offer.booker.first, asked, offer)
    _refuse_what_may_not(offer, now)
    price = _price(connection, offer)
    teachers = _free_teachers(offer, asked)
    if not teachers:
        raise SlotTaken
    draft = _draft(asked, offer, teachers[0])
    ends = price is None and favours is None
    outcome, chosen = book_lesson(connection, _lesson(asked, offer, teachers, draft), last=ends)
    if outcome != "booked":
        raise _refusal(outcome, asked, offer)
    if favours is not None:
        favours.note(connection, offer.tenant_id, draft.uid, now)
    if price is not None:
        _hold_for_payment(connection, price, draft, now)
    return Booked(draft.model_copy(update={"teacher": _told(teachers[chosen])}), is_paid=price is not None)


def _question(asked: Asked) -> OfferQuestion:
    return OfferQuestion(
        event_type=asked.command.event_type_id,
        teacher=asked.command.teacher_id,
        start=asked.start - AROUND_SECONDS,
        end=asked.start + AROUND_SECONDS,
        booker=asked.command.attendee.email,
        key=asked.key,
        year=asked.now.year,
        month=asked.now.month,
    )


def _first_answer(first: dict[str, Any], asked: Asked, offer: Offer) -> Booked:
    if first["requestHash"] != asked.hash:
        raise IdempotencyKeyReused
    told = {**first["answer"], "manageToken": first["manageToken"]}
    return Booked(BookingCreated.model_validate(told), replayed=True, is_paid=offer.terms.is_paid)


def _price(connection: Connection, offer: Offer) -> "PaymentTerms | None":
    """What free lessons never load."""
    if not offer.terms.is_paid:
        return None
    from shared.payments.payment_terms import load_payment_terms

    terms = load_payment_terms(connection, offer.terms.id)
    return replace(terms, confirms_later=offer.terms.requires_confirmation)


def _hold_for_payment(
    connection: Connection, price: "PaymentTerms", draft: BookingCreated, now: datetime
) -> None:
    from shared.payments.hold_for_payment import hold_for_payment, hold_until

    hold_for_payment(connection, price, [draft.uid], hold_until(now, draft.start), now)


def _refuse_what_may_not(offer: Offer, now: datetime) -> None:
    terms, booker = offer.terms, offer.booker
    if terms.is_workshop:
        raise NotBookableOnline(reason="workshop")
    if booker.allowed is not None and booker.used >= booker.allowed:
        raise month_full(booker.used, booker.allowed, now)
    if terms.whitelist_enabled and not booker.is_listed:
        raise NotWhitelisted
    if terms.most_active is not None and booker.active >= terms.most_active:
        raise BookerLimitReached(allowed=terms.most_active)


def _free_teachers(offer: Offer, asked: Asked) -> list[OfferedTeacher]:
    """Who may be booked then, first who has least to do in the hours around it."""
    rules, teachers, start, now = offer.rules, offer.teachers, asked.start, int(asked.now.timestamp())
    free = [
        each for each in teachers if is_bookable(rules, each.schedule, each.busy, start, now, each.booked)
    ]
    if not free and not any(is_bookable(rules, each.schedule, (), start, now) for each in teachers):
        raise SlotNotOffered
    return sorted(free, key=lambda teacher: (len(teacher.busy), teacher.id))


def _draft(asked: Asked, offer: Offer, teacher: OfferedTeacher) -> BookingCreated:
    """The answer, but for who of the free teachers it will be."""
    shown_in = zone(asked.command.attendee.time_zone)
    start = asked.command.start.astimezone(shown_in)
    end = (asked.command.start.astimezone(UTC) + timedelta(minutes=offer.rules.length)).astimezone(shown_in)
    return BookingCreated(
        uid=new_uid(asked.now),
        status="pending" if offer.terms.requires_confirmation or offer.terms.is_paid else "accepted",
        start=start,
        end=end,
        event_type_id=asked.command.event_type_id,
        teacher=_told(teacher),
        manage_token=new_token(),
    )


def _told(teacher: OfferedTeacher) -> Teacher:
    return Teacher(id=teacher.id, name=teacher.name)


def _lesson(
    asked: Asked, offer: Offer, teachers: list[OfferedTeacher], draft: BookingCreated
) -> LessonToBook:
    attendee, terms, rules, key = asked.command.attendee, offer.terms, offer.rules, asked.key
    return LessonToBook(
        teachers=[teacher.id for teacher in teachers],
        names=[teacher.name for teacher in teachers],
        titles=[f"{terms.title} between {teacher.name} and {attendee.name}" for teacher in teachers],
        limits=[period_limits(each, rules, asked.start) for each in teachers] if rules.limits else None,
        event_type=terms.id,
        start=asked.start,
        end=asked.start + rules.length * 60,
        before_buffer=rules.before_buffer,
        after_buffer=rules.after_buffer,
        uid=draft.uid,
        token=draft.manage_token,
        status=draft.status,
        hold_until=asked.start if draft.status == "pending" else None,
        refundable_until=asked.start - terms.refund_hours * 3600,
        is_whitelisted=terms.whitelist_enabled,
        notes=asked.command.notes,
        name=attendee.name,
        email=attendee.email,
        time_zone=attendee.time_zone,
        locale=attendee.locale,
        key=key,
        request_hash=asked.hash if key else None,
        first_answer=draft.model_dump(mode="json", by_alias=True, exclude={"manage_token"}) if key else None,
        made_at=asked.now,
        allowed=offer.booker.allowed,
        most_active=terms.most_active,
        source=asked.source,
        most_requests=MOST_FROM_ONE_SOURCE,
        window_seconds=WINDOW_SECONDS,
    )


def _refusal(outcome: str, asked: Asked, offer: Offer) -> Exception:
    booker = offer.booker
    if outcome == "too_many":
        return TooManyRequests()
    if outcome == "month_full" and booker.allowed is not None and asked.key is None:
        return month_full(booker.allowed, booker.allowed, asked.now)
    if outcome == "booker_full" and asked.key is None:
        return BookerLimitReached(allowed=offer.terms.most_active)
    return _not_free(asked)


def _not_free(asked: Asked) -> Exception:
    """What was free when we looked is not: the request that was faster may have had the same key.

    It may have committed between our look and our getting its lock. A look from the start tells: its
    answer, or the refusal that is ours.
    """
    return SlotTaken() if asked.key is None else TryAgain()
