"""The mail that tells an attendee or a teacher of a booking, in their language and on their clock."""

from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Connection

from shared.errors import Problem
from shared.fields import EMAIL
from shared.notifications.envelope import Sender, compose
from shared.notifications.invitation import invitation, on_calendar_of
from shared.notifications.letters import UNPAID, Occasion, occasion_of
from shared.notifications.news import News
from shared.notifications.render_letter import language_of, render_letter
from shared.notifications.told_booking import Person, ToldBooking, load_told
from shared.notifications.told_waiting import load_waiting
from shared.notifications.words import Told, words_of
from shared.people.find_person import ERASED_DOMAIN


class AddressNotUsable(Problem):
    """The attendee's, which Cal.com may have written; it is not quoted."""

    status, code, title = 422, "address_not_usable", "The attendee cannot be written to"


def write_letter(
    connection: Connection, tenant_id: int, topic: str, news: News, sender: Sender, now: datetime
) -> EmailMessage | None:
    """The mail; None when it is not true any more, or when there is no teacher who could be written to.

    Raises BookingNotFound, WaitlistEntryNotFound, LetterNotKnown, AddressNotUsable.
    """
    occasion = occasion_of(topic, news.to)
    found = _load(connection, tenant_id, news, sender)
    if topic == "booking.expired" and news.to == "attendee" and found[0].was_shown_payment:
        occasion = UNPAID
    true = [each for each in found if each.id != news.previous_id and _is_told(each, occasion, now)]
    reader = _reader(true[0], news) if true else None
    if reader is None:
        return None
    previous = next((each for each in found if each.id == news.previous_id), None)
    if previous is not None and _is_new_to_teacher(true[0], previous, news):
        occasion, previous = occasion_of("booking.created", "teacher"), None
    told = Told(_of_same_reader(true, news), previous, reader, news, language_of(reader.locale))
    return _mail(told, occasion, sender, topic)


def _load(connection: Connection, tenant_id: int, news: News, sender: Sender) -> list[ToldBooking]:
    if news.waitlist_entry_id is not None:
        return [load_waiting(connection, tenant_id, news.waitlist_entry_id, sender.base_domain)]
    return load_told(connection, tenant_id, news.all_ids, sender.base_domain)


def _is_told(booking: ToldBooking, occasion: Occasion, now: datetime) -> bool:
    """Of a booking that was never paid nobody has heard but who was asked to pay for it."""
    return booking.is_unpaid == (occasion is UNPAID) and occasion.is_true(booking, now)


def _reader(booking: ToldBooking, news: News) -> Person | None:
    reader = booking.reader(news.to)
    if reader is not None and reader.email.endswith(ERASED_DOMAIN):
        return None
    if reader is None or EMAIL.fullmatch(reader.email):
        return reader
    if news.to == "attendee":
        raise AddressNotUsable
    return None


def _is_new_to_teacher(booking: ToldBooking, previous: ToldBooking, news: News) -> bool:
    """What was moved from one teacher to another is no move to that one."""
    return news.to == "teacher" and booking.teacher_id != previous.teacher_id


def _of_same_reader(bookings: list[ToldBooking], news: News) -> list[ToldBooking]:
    """Whoever reads it is shown no link of anybody else's."""
    readers = [booking.reader(news.to) for booking in bookings]
    addresses = [reader.email if reader else "" for reader in readers]
    return [each for each, address in zip(bookings, addresses, strict=True) if address == addresses[0]]


def _mail(told: Told, occasion: Occasion, sender: Sender, topic: str) -> EmailMessage:
    first = told.bookings[0]
    on_calendar = on_calendar_of(told.bookings, occasion.on_calendar, told.news.to)
    letter = render_letter(occasion.template, told.language, words_of(told, on_calendar, sender))
    return compose(
        replace(sender, reply_to=first.reply_to),
        first.school,
        told.reader.email,
        letter,
        None if on_calendar == "leave" else invitation(told.bookings, told.reader, sender),
        subject_id=f"{first.uid}-{topic}-{told.news.to}",
        thread_id=first.series or first.ics_uid,
    )
