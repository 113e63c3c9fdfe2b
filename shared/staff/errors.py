"""What may be wrong with somebody of the staff."""

from shared.errors import Problem


class EmailTaken(Problem):
    """Where it is used, perhaps at another school, is not told."""

    status, code, title = 409, "email_taken", "This address is used by somebody else"
