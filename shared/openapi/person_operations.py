"""The operations of what is held of a person."""

from shared.errors import Conflict
from shared.openapi.operation import OF_STAFF, WITH_A_BODY, Operation
from shared.people.errors import FutureBookings, PersonIsStaff, PersonNotFound
from shared.people.schemas import Erasure, PersonErased, PersonExport

OF_PEOPLE = (
    Operation("GET", "/v1/admin/people/{person}/export", "exportPerson",
              "Everything held of a person, by their address or the id of their account", "People",
              PersonExport, security="StaffToken", problems=(*OF_STAFF, PersonNotFound),
              example={"email": "mai@example.com", "account": [], "bookings": [], "attendances": [
                  {"id": 9, "tenantId": 2, "bookingId": 5, "name": "Mai Nguyen", "email": "mai@example.com",
                   "timeZone": "Asia/Ho_Chi_Minh", "locale": "vi"}],
                  "history": [], "payments": [], "refunds": [], "waitlist": [], "whitelist": [], "mails": [],
                  "audit": []}),
    Operation("POST", "/v1/admin/people/{person}/erase", "erasePerson",
              "Forget a person; what was booked, when and for how much stays", "People", PersonErased,
              body=Erasure, body_is_optional=True, security="StaffToken",
              problems=(*OF_STAFF, *WITH_A_BODY, PersonNotFound, PersonIsStaff, FutureBookings, Conflict),
              example={"account": False, "bookings": 3, "bookingsCancelled": 0, "waitlistEntries": 0,
                       "whitelistEntries": 1, "mails": 0}),
)  # fmt: skip
