"""What may be wrong about an event type."""

from shared.errors import Problem


class EventTypeNotFound(Problem):
    status, code, title = 404, "event_type_not_found", "The school offers no such event type"


class TeacherNotFound(Problem):
    status, code, title = 404, "teacher_not_found", "Nobody of that id teaches this event type"
