"""What Postgres calls its errors, as far as somebody here tells them apart."""

SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
LOCK_NOT_AVAILABLE, QUERY_CANCELED, TOO_MANY_CONNECTIONS = "55P03", "57014", "53300"
UNIQUE_VIOLATION, EXCLUSION_VIOLATION, FOREIGN_KEY_VIOLATION = "23505", "23P01", "23503"


def sqlstate(error: BaseException) -> str | None:
    """The five-character SQLSTATE the server gave, or None when the error is not the server's.

    Of pg8000's errors, and of SQLAlchemy's around them.
    """
    told = getattr(error, "orig", error)
    fields = told.args[0] if told is not None and told.args else None
    return fields.get("C") if isinstance(fields, dict) else None
