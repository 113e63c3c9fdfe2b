"""What Postgres calls its errors, as far as somebody here tells them apart."""

SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
LOCK_NOT_AVAILABLE, QUERY_CANCELED, TOO_MANY_CONNECTIONS = "55P03", "57014", "53300"
UNIQUE_VIOLATION, EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23P01", "23503"
NOT_NULL_VIOLATION, CHECK_VIOLATION, INSUFFICIENT_PRIVILEGE = "23502", "23514", "42501"


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE the server gave, or None when the error is not the server's.

    Of pg8000's errors, and of SQLAlchemy's around them.
    """
    return _fields_of(error).get("C")


def constraint_of(error: BaseException) -> str:
    """The name of the constraint that was violated, or empty."""
    return _fields_of(error).get("n", "")


def _fields_of(error: BaseException) -> dict[str, str]:
    told = getattr(error, "orig", error)
    fields = told.args[0] if told is not None and told.args else None
    return fields if isinstance(fields, dict) else {}
