"""What may be wrong with an import, and with the file that was uploaded for it."""

from shared.errors import Problem


class WhitelistImportNotFound(Problem):
    status, code, title = 404, "whitelist_import_not_found", "The school has no such import"


class WhitelistEntryNotFound(Problem):
    status, code, title = 404, "whitelist_entry_not_found", "The school has no such entry"


class FileRefused(Exception):
    """The file as a whole cannot be imported; `code` is stable and told as the import's failureCode.

    empty_file, not_a_csv, file_too_large, line_too_long, too_many_rows, unclosed_quote,
    column_not_found, no_addresses.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
