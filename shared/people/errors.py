"""What may keep a person from being exported or erased."""

from shared.errors import Problem


class PersonNotFound(Problem):
    status, code, title = 404, "person_not_found", "The school knows nobody of this address or id"


class PersonIsStaff(Problem):
    status, code, title = 409, "person_is_staff", "Whoever works for the school is deactivated first"


class FutureBookings(Problem):
    """`bookings` are the uids of the first hundred."""

    status, code, title = 409, "future_bookings", "There are bookings to come; cancel them first"
