"""What may be wrong about an absence."""

from shared.errors import Problem


class AbsenceNotFound(Problem):
    """Also for a teacher who asks for another's."""

    status, code, title = 404, "absence_not_found", "There is no such absence"
