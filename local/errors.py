"""What can go wrong in a way that a person at the keyboard can mend."""


class LocalRunError(Exception):
    """Its text is shown as it is, without a traceback."""


class UnsupportedTemplate(LocalRunError):
    """The template asks for something that this run would silently not do."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"template.yaml, {place}: {reason}")
        self.place = place
        self.reason = reason


class PostgresUnavailable(LocalRunError):
    """No server could be found or started."""
