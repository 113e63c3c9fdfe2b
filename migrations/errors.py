"""Why a database is not migrated, in words for the person at the keyboard."""


class MigrationRefused(Exception):
    """Nothing was changed. Its text is shown as it is, without a traceback."""
