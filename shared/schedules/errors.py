"""What may be wrong about a schedule."""

from shared.errors import Problem


class ScheduleNotFound(Problem):
    """Also for a teacher who asks for another's."""

    status, code, title = 404, "schedule_not_found", "There is no such schedule"


class ScheduleInUse(Problem):
    """`reason`: `default` of its teacher, or `assigned`."""

    status, code, title = 409, "schedule_in_use", "Somebody's hours follow from this schedule"
