"""Whitelists, for the admins of a school: imports of files, and the addresses one by one."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from sqlalchemy import Connection, Engine

from shared.config import HttpSettings
from shared.edge.desk import Desk
from shared.edge.http import answer
from shared.edge.requests import body_of, idempotency_key, number_in_path, query_of
from shared.staff.schemas import ADMINS
from shared.whitelists import uploads
from shared.whitelists.entry_schemas import NewWhitelistEntry, WhitelistEntriesQuery, WhitelistQuery
from shared.whitelists.queries import import_id_in_path, require_import
from shared.whitelists.schemas import (
    NewWhitelistImport,
    RejectedLinesQuery,
    WhitelistImportCreated,
    WhitelistImportsQuery,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Writes lines for the school of that id into the file, and tells how many.
Write = Callable[[Connection, int, BinaryIO], int]


def add_whitelist_routes(
    app: APIGatewayHttpResolver, settings: HttpSettings, database: Engine, bucket: str
) -> None:
    """The routes of imports and entries; `bucket` takes what is uploaded and gives what is exported."""
    desk = Desk(app, settings, database)

    @cache
    def s3() -> "S3Client":
        """Made when it is first asked for: most requests need none."""
        return uploads.s3_client()

    def file_of(write: Write, name: str) -> Response[Any]:
        from shared.whitelists import downloads

        now = datetime.now(UTC)
        with downloads.local_file() as file:
            lines = desk.done(lambda c, staff: write(c, staff.tenant.id, file), ADMINS)
            return answer(downloads.signed_download(s3(), bucket, file, name, lines, now))

    _add_asking(desk, s3, bucket)
    _add_telling(desk, file_of)
    _add_entries(desk)
    _add_export(desk, file_of)


def _add_asking(desk: Desk, s3: Callable[[], "S3Client"], bucket: str) -> None:
    app = desk.app

    @app.post("/v1/admin/whitelist-imports")
    def create_import() -> Response[Any]:
        from shared.whitelists.create_whitelist_import import create_whitelist_import

        now, key = datetime.now(UTC), idempotency_key(app)
        made = desk.done(
            lambda c, staff: create_whitelist_import(c, staff, body_of(app, NewWhitelistImport), key, now),
            ADMINS,
        )
        upload = uploads.signed_upload(s3(), bucket, made.id, now)
        headers: dict[str, str | list[str]] = {"Location": f"/v1/admin/whitelist-imports/{made.id}"}
        if made.replayed:
            headers["Idempotent-Replayed"] = "true"
        return answer(WhitelistImportCreated(id=made.id, status=made.status, upload=upload), 201, headers)


def _add_telling(desk: Desk, file_of: Callable[[Write, str], Response[Any]]) -> None:
    app = desk.app

    @app.get("/v1/admin/whitelist-imports")
    def imports() -> Response[Any]:
        from shared.whitelists.queries import list_whitelist_imports

        return desk.told(
            lambda c, staff: list_whitelist_imports(c, staff.tenant.id, query_of(app, WhitelistImportsQuery)),
            ADMINS,
        )

    @app.get("/v1/admin/whitelist-imports/<import_id>")
    def show_import(import_id: str) -> Response[Any]:
        from shared.whitelists.queries import get_whitelist_import

        return desk.told(
            lambda c, staff: get_whitelist_import(
                c, staff.tenant.id, import_id_in_path(import_id), query_of(app, RejectedLinesQuery)
            ),
            ADMINS,
        )

    @app.get("/v1/admin/whitelist-imports/<import_id>/rejected-lines")
    def rejected_lines(import_id: str) -> Response[Any]:
        from shared.whitelists.write_csv import write_rejected_lines

        def write(connection: Connection, tenant_id: int, file: BinaryIO) -> int:
            wanted = import_id_in_path(import_id)
            require_import(connection, tenant_id, wanted)
            return write_rejected_lines(connection, tenant_id, wanted, file)

        return file_of(write, "rejected-lines")


def _add_entries(desk: Desk) -> None:
    app = desk.app

    @app.get("/v1/admin/whitelist-entries")
    def entries() -> Response[Any]:
        from shared.whitelists.entry_queries import list_whitelist_entries

        return desk.told(
            lambda c, staff: list_whitelist_entries(c, staff.tenant.id, query_of(app, WhitelistEntriesQuery)),
            ADMINS,
        )

    @app.post("/v1/admin/whitelist-entries")
    def add_entry() -> Response[Any]:
        from shared.whitelists.add_whitelist_entry import add_whitelist_entry

        now = datetime.now(UTC)
        added = desk.done(
            lambda c, staff: add_whitelist_entry(c, staff, body_of(app, NewWhitelistEntry), now), ADMINS
        )
        return answer(added.entry, 201 if added.is_new else 200)

    @app.delete("/v1/admin/whitelist-entries/<entry_id>")
    def remove_entry(entry_id: str) -> Response[Any]:
        from shared.whitelists.remove_whitelist_entry import remove_whitelist_entry

        number, now = number_in_path(entry_id), datetime.now(UTC)
        return desk.told(lambda c, staff: remove_whitelist_entry(c, staff, number, now), ADMINS)


def _add_export(desk: Desk, file_of: Callable[[Write, str], Response[Any]]) -> None:
    app = desk.app

    @app.get("/v1/admin/whitelist-entries/export")
    def export_entries() -> Response[Any]:
        from shared.whitelists.entry_queries import require_event_type
        from shared.whitelists.write_csv import write_entries

        def write(connection: Connection, tenant_id: int, file: BinaryIO) -> int:
            wanted = query_of(app, WhitelistQuery).event_type_id
            require_event_type(connection, tenant_id, wanted)
            return write_entries(connection, tenant_id, wanted, file)

        return file_of(write, "whitelist")
