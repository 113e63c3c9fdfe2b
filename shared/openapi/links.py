"""What an answer opens: which operation takes which part of it (OpenAPI's links)."""

from collections.abc import Mapping

Parameters = Mapping[str, str]

ID: Parameters = {"path.id": "$response.body#/id"}
UID: Parameters = {"path.uid": "$response.body#/uid"}
HELD: Parameters = {**UID, "query.manageToken": "$response.body#/manageToken"}
WAITING: Parameters = {"path.id": "$response.body#/id", "query.manageToken": "$response.body#/token"}

OF_ITS_HOLDER = dict.fromkeys(
    ("getBooking", "getCalendar", "cancelBooking", "rescheduleBooking", "acceptSeat"), HELD
)
OF_THE_STAFF = dict.fromkeys(
    (
        "getStaffBooking",
        "confirmBooking",
        "rejectBooking",
        "cancelStaffBooking",
        "rescheduleStaffBooking",
        "markNoShow",
        "refundBooking",
    ),
    UID,
)

# By the operation that answers, what can be asked next.
LINKS: Mapping[str, Mapping[str, Parameters]] = {
    "createBooking": {**OF_ITS_HOLDER, **OF_THE_STAFF},
    "rescheduleBooking": OF_ITS_HOLDER,
    "rescheduleStaffBooking": OF_THE_STAFF,
    "joinWaitlist": {"getWaitlistEntry": WAITING, "leaveWaitlist": WAITING},
    "createInvitation": {"getInvitation": ID, "resendInvitation": ID, "revokeInvitation": ID},
    "createWhitelistImport": {"getWhitelistImport": {"path.importId": "$response.body#/id"}},
}
