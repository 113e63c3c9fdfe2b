"""What may be wrong about a student."""

from shared.errors import Problem


class StudentNotFound(Problem):
    status, code, title = 404, "student_not_found", "The school has no such student"
