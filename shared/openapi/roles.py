"""Who of the staff may call which operation, as a table for people."""

from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from shared.staff.schemas import Role

COLUMNS: dict[Role, str] = {
    "TEACHER": "teacher",
    "TENANT_ADMIN": "admin of the school",
    "SUPER_ADMIN": "super admin",
}
HEAD = """# Who may do what

Made of the code by `python -m shared.openapi`; a test asks every operation with every other role. The role
is what the school's database says of the address in the token, never what the token says. Whoever has none
of these, or is locked, is refused (403 `forbidden`), before anything of the request is looked at.

A teacher sees and changes what is theirs: their bookings, hours, absences and assignments. What is a
colleague's is for them as if it were not there (404). Students manage a booking by its token, not by a role.

"""


def render_roles() -> str:
    """The page as Markdown."""
    rows = [
        _row("operation", "what it does", *COLUMNS.values()),
        _row("---", "---", *(":-:" for _ in COLUMNS)),
    ]
    rows += [
        _row(f"`{each.method} {each.path}`", each.summary, *_marks(each))
        for each in OPERATIONS
        if each.security == "StaffToken"
    ]
    return HEAD + "\n".join(rows) + "\n"


def _marks(operation: Operation) -> list[str]:
    return ["yes" if role in operation.roles else "" for role in COLUMNS]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
