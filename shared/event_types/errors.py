"""What may be wrong about an event type."""

from shared.errors import Problem


class EventTypeNotFound(Problem):
    status, code, title = 404, "event_type_not_found", "The school offers no such event type"


class TeacherNotFound(Problem):
    status, code, title = 404, "teacher_not_found", "Nobody of that id teaches this event type"


class EventTypeInUse(Problem):
    """It has been booked: it can be unpublished."""

    status, code, title = 409, "event_type_in_use", "It has bookings; unpublish it instead"


class SlugTaken(Problem):
    status, code, title = 409, "slug_taken", "Another event type of the school has this slug"
