"""What may be wrong about somebody who teaches."""

from shared.errors import Problem


class NoSuchTeacher(Problem):
    status, code, title = 404, "teacher_not_found", "The school has no such teacher"


class TeacherLocked(Problem):
    status, code, title = 409, "teacher_locked", "This teacher is locked; unlock them first"
