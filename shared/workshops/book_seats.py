"""A student takes seats of a workshop: one session's, every session's, or those that are left."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from shared.bookings.create_booking import MOST_FROM_ONE_SOURCE, Booked
from shared.bookings.errors import BookerLimitReached, NotWhitelisted
from shared.bookings.idempotency import request_hash
from shared.bookings.schemas import BookedSeat, BookingCreated
from shared.bookings.tokens import new_token, new_uid
from shared.database import call
from shared.errors import IdempotencyKeyInUse, IdempotencyKeyReused, TooManyRequests, TryAgain
from shared.event_types.schemas import Teacher
from shared.sqlstates import sqlstate
from shared.throttling.limit_requests import WINDOW_SECONDS
from shared.time_zones import zone
from shared.usage.month_full import month_full
from shared.workshops.errors import AlreadyBooked, NotAWorkshop, SessionClosed, SessionFull, SessionNotFound
from shared.workshops.load_seats import SeatsOffer, load_seats
from shared.workshops.schemas import NewSeats

if TYPE_CHECKING:
    from shared.bookings.favours import Favours
    from shared.payments.payment_terms import PaymentTerms

Found = dict[str, Any]

BOOK = "SELECT book_seats($1::jsonb)"
_NO_SEAT_LEFT = "workshop_session_not_oversold"
_SECRET: dict[str, Any] = {"manage_token": True, "seats": {"__all__": {"manage_token"}}}
# What the function raises, so that everything it did is undone.
_MONTH_FULL, _KEY_TAKEN, _TOO_MANY = "BK001", "BK002", "BK003"


def book_seats(  # what is asked, whence, and what the school lets pass
    connection: Connection,
    command: NewSeats,
    key: str | None,
    now: datetime,
    source: str | None = None,
    favours: "Favours | None" = None,
) -> Booked:
    """Take the seats at `now` for the tenant of the transaction: a look, and a write of all or nothing.

    `favours` are of the school, when it is who books.

    Raises TenantNotFound, TenantSuspended, EventTypeNotFound, NotAWorkshop, NotBookableOnline,
    NotWhitelisted, IdempotencyKeyInUse, IdempotencyKeyReused, SessionNotFound, SessionClosed, AlreadyBooked,
    SessionFull, BookerLimitReached, PlanLimitReached, TooManyRequests; TryAgain when somebody was faster
    whose request may have been this very one.
    """
    email = command.attendee.email
    offer = load_seats(connection, command.event_type_id, command.session_number, email, key, now)
    if favours is not None:
        offer = favours.on_seats(offer)
    if not offer.is_alone:
        raise IdempotencyKeyInUse
    if offer.first is not None:
        return _first_answer(offer.first, command, offer)
    refuse_what_may_not(offer)
    price = _price(connection, command.event_type_id, offer) if offer.is_paid else None
    chosen = _chosen(command, offer, now)
    _refuse_too_many(offer, len(chosen), now)
    while True:
        answer = _answer(command, offer, chosen, now)
        told = _write(connection, _asked(command, offer, chosen, answer, key, now, source), offer, now)
        if told["outcome"] == "booked":
            if favours is not None:
                favours.note(connection, offer.tenant, answer.uid, now)
            return _held(connection, price, answer, now)
        still_free = [each for each in chosen if each["id"] in told.get("sessions", ())]
        if told["outcome"] != "full" or command.series != "available" or not still_free:
            raise _refusal(told, offer, chosen, key)
        # They are locked by now, so that this time nobody is faster.
        chosen = still_free


def _held(
    connection: Connection, price: "PaymentTerms | None", answer: BookingCreated, now: datetime
) -> Booked:
    """What costs something is held until it is paid."""
    if price is not None:
        _hold_for_payment(connection, price, answer, now)
    return Booked(answer, is_paid=price is not None)


def refuse_what_may_not(offer: SeatsOffer) -> None:
    """Raises NotAWorkshop, NotWhitelisted."""
    if not offer.is_workshop:
        raise NotAWorkshop
    if offer.whitelist_enabled and not offer.is_listed:
        raise NotWhitelisted


def _refuse_too_many(offer: SeatsOffer, seats: int, now: datetime) -> None:
    if offer.allowed is not None and (offer.used or 0) + seats > offer.allowed:
        raise month_full(offer.used or 0, offer.allowed, now)
    if offer.most_active is not None and offer.active + seats > offer.most_active:
        raise BookerLimitReached(allowed=offer.most_active)


def refuse_closed(session: Found, notice: int, now: datetime) -> None:
    """Raises SessionClosed; `notice` in minutes."""
    if session["is_cancelled"]:
        raise SessionClosed(reason="cancelled")
    if not session["has_teacher"]:
        raise SessionClosed(reason="no_teacher")
    if session["start"] - now.timestamp() < max(notice * 60, 1):
        raise SessionClosed(reason="too_late")


def _chosen(command: NewSeats, offer: SeatsOffer, now: datetime) -> list[Found]:
    """The sessions to take a seat of, by their start."""
    found: list[Found] = offer.sessions or []
    if not found:
        raise SessionNotFound
    if command.session_number is not None:
        refuse_closed(found[0], offer.notice, now)
    free = [each for each in found if each["has_seat"] and not each["is_held"]]
    if command.series == "available" and free:
        return free
    held = [each for each in found if each["is_held"]]
    if held and (command.series != "available" or len(held) == len(found)):
        raise AlreadyBooked(sessions=_numbers(held))
    if len(free) < len(found):
        raise SessionFull(sessions=_numbers(each for each in found if not each["has_seat"]))
    return found


def _answer(command: NewSeats, offer: SeatsOffer, chosen: list[Found], now: datetime) -> BookingCreated:
    shown_in = zone(command.attendee.time_zone)
    seats = [
        BookedSeat(
            uid=new_uid(now),
            session_number=each["number"],
            start=datetime.fromtimestamp(each["start"], shown_in),
            end=datetime.fromtimestamp(each["end"], shown_in),
            manage_token=new_token(),
        )
        for each in chosen
    ]
    return BookingCreated(
        **seats[0].model_dump(),
        status="pending" if offer.requires_confirmation or offer.is_paid else "accepted",
        event_type_id=command.event_type_id,
        teacher=Teacher(**chosen[0]["teacher"]),
        seats=seats if command.series else None,
    )


def _asked(  # what the write is told
    command: NewSeats,
    offer: SeatsOffer,
    chosen: list[Found],
    answer: BookingCreated,
    key: str | None,
    now: datetime,
    source: str | None,
) -> dict[str, Any]:
    attendee = command.attendee
    drawn: Sequence[BookedSeat | BookingCreated] = answer.seats or [answer]
    return {
        "eventType": command.event_type_id,
        "seats": [
            {
                "session": each["id"],
                "uid": seat.uid,
                "token": seat.manage_token,
                "title": _title(offer.title, each["teacher"]["name"], attendee.name),
            }
            for each, seat in zip(chosen, drawn, strict=True)
        ],
        "series": uuid4().hex if command.series else None,
        "status": answer.status,
        "whitelisted": bool(offer.whitelist_enabled),
        "notes": command.notes,
        "name": attendee.name,
        "email": attendee.email,
        "timeZone": attendee.time_zone,
        "locale": attendee.locale,
        "key": key,
        "requestHash": request_hash(command),
        "answer": answer.model_dump(mode="json", by_alias=True, exclude=_SECRET),
        "madeAt": now.isoformat(),
        "allowed": offer.allowed,
        "mostActive": offer.most_active,
        "source": source,
        "mostRequests": MOST_FROM_ONE_SOURCE,
        "windowSeconds": WINDOW_SECONDS,
    }


def _title(workshop: str, teacher: str, attendee: str) -> str:
    return f"{workshop} between {teacher} and {attendee}" if teacher else workshop


def _write(connection: Connection, asked: dict[str, Any], offer: SeatsOffer, now: datetime) -> dict[str, Any]:
    try:
        ((told,),) = call(connection, BOOK, json.dumps(asked))
    except DBAPIError as error:
        state = sqlstate(error)
        if state == _TOO_MANY:
            raise TooManyRequests from error
        # Of several seats some may fit: only another look tells how many are used.
        if state in (_KEY_TAKEN, _MONTH_FULL) and (asked["key"] is not None or len(asked["seats"]) > 1):
            raise TryAgain from error
        if state == _MONTH_FULL:
            raise month_full(offer.allowed or 0, offer.allowed or 0, now) from error
        if _violated(error) == _NO_SEAT_LEFT:
            raise SessionFull from error
        raise
    return dict(told)


def _violated(error: DBAPIError) -> str | None:
    """The name of the constraint that the server says was violated."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return told.get("n") if isinstance(told, dict) else None


def _refusal(told: dict[str, Any], offer: SeatsOffer, chosen: list[Found], key: str | None) -> Exception:
    """What was free when we looked is not; the request that was faster may have had the same key."""
    if key is not None:
        return TryAgain()
    if told["outcome"] == "booker_full":
        return BookerLimitReached(allowed=offer.most_active)
    named = told["sessions"]
    if told["outcome"] == "held":
        return AlreadyBooked(sessions=_numbers(each for each in chosen if each["id"] in named))
    return SessionFull(sessions=_numbers(each for each in chosen if each["id"] not in named))


def _first_answer(first: dict[str, Any], command: NewSeats, offer: SeatsOffer) -> Booked:
    if first["requestHash"] != request_hash(command):
        raise IdempotencyKeyReused
    tokens, told = first["tokens"], first["answer"]
    seats = [{**seat, "manageToken": tokens[seat["uid"]]} for seat in told.get("seats") or ()]
    told = {**told, "manageToken": tokens[told["uid"]], "seats": seats or None}
    return Booked(BookingCreated.model_validate(told), replayed=True, is_paid=offer.is_paid)


def _price(connection: Connection, event_type_id: int, offer: SeatsOffer) -> "PaymentTerms":
    """What free workshops never load."""
    from shared.payments.payment_terms import load_payment_terms

    terms = load_payment_terms(connection, event_type_id)
    return replace(terms, confirms_later=offer.requires_confirmation)


def _hold_for_payment(
    connection: Connection, price: "PaymentTerms", answer: BookingCreated, now: datetime
) -> None:
    from shared.payments.hold_for_payment import hold_for_payment, hold_until

    uids = [seat.uid for seat in answer.seats] if answer.seats else [answer.uid]
    hold_for_payment(connection, price, uids, hold_until(now, answer.start), now)


def _numbers(sessions: Any) -> list[int]:
    return sorted(each["number"] for each in sessions)
