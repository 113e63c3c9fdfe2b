"""What may be wrong about a session, its seats, and waiting for one. `sessions` are their numbers."""

from shared.errors import Problem


class SessionNotFound(Problem):
    status, code, title = 404, "session_not_found", "The workshop has no such session to come"


class SessionClosed(Problem):
    """`reason` is `cancelled`, `too_late`, or `no_teacher`: whoever taught it does not any more."""

    status, code, title = 409, "session_closed", "This session takes nobody in any more"


class SessionFull(Problem):
    """Also while others wait: a seat that comes free is theirs."""

    status, code, title = 409, "session_full", "No seat is left"


class AlreadyBooked(Problem):
    status, code, title = 409, "already_booked", "This address has a seat already"


class AlreadyWaiting(Problem):
    status, code, title = 409, "already_waiting", "This address is on the waitlist already"


class SeatsAvailable(Problem):
    status, code, title = 409, "seats_available", "There is a seat to be booked, and nobody waits"


class WaitlistEntryNotFound(Problem):
    """Also when its token was not shown."""

    status, code, title = 404, "waitlist_entry_not_found", "There is no such place on a waitlist"


class OfferExpired(Problem):
    status, code, title = 409, "offer_expired", "The seat that was offered is not held any more"


class NotOffered(Problem):
    status, code, title = 409, "not_offered", "This booking is no offered seat"


class SessionsClash(Problem):
    """`occurrences`: each with start, end and a reason, `booked` or `away`."""

    status, code, title = 409, "sessions_clash", "The teacher has something else to do then"


class SeatsTaken(Problem):
    status, code, title = 409, "seats_taken", "More seats are taken than that"


class NotAWorkshop(Problem):
    status, code, title = 409, "not_a_workshop", "Only workshops have sessions"
