"""What may be wrong about an assignment."""

from shared.errors import Problem


class AssignmentNotFound(Problem):
    """Also for a teacher who asks for another's."""

    status, code, title = 404, "assignment_not_found", "There is no such assignment"


class AlreadyAssigned(Problem):
    status, code, title = 409, "already_assigned", "This teacher has this event type already"
