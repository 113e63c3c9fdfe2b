"""What may be wrong with a backup, and with a restore."""

from shared.errors import Problem


class BackupNotFound(Problem):
    status, code, title = 404, "backup_not_found", "The school has no such backup"


class RestoreNotFound(Problem):
    status, code, title = 404, "restore_not_found", "The school has no such restore"


class BackupLimitReached(Problem):
    """`allowed` in 24 hours, beside the daily one."""

    status, code, title = 429, "backup_limit_reached", "The school has asked for enough backups today"
    retry_after = 3_600


class BackupNotRestorable(Problem):
    """Only a backup that was completed can be restored."""

    status, code, title = 409, "backup_not_restorable", "This backup was not completed"


class RestoreUnderWay(Problem):
    status, code, title = 409, "restore_under_way", "A restore of this school has not ended yet"


class BackupFailed(Exception):
    """No backup was made; `code` is stable and told as the backup's failureCode.

    rows_missing (fewer or more rows came than the school has), table_forgotten (a table of the schools' is
    not readable), failed.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RestoreRefused(Exception):
    """Nothing was changed; `code` is stable and told as the restore's failureCode.

    backup_unreadable (not of this school, cut, or changed by a single bit), schema_newer, schema_not_known
    (a column that is not here), schema_too_old (a column that has no default), ids_taken (by another school),
    address_taken, calcom_rows (in place, rows of Cal.com's would be lost), not_as_backed_up and
    invariant_broken (what came out is not what went in), failed.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
