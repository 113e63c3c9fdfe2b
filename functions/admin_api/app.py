"""What the staff of a school calls."""

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response
from sqlalchemy import Connection

from booking_routes import add_booking_routes
from domain_routes import DomainTools, add_domain_routes
from invitation_routes import add_invitation_routes
from payment_routes import add_payment_routes
from person_routes import add_person_routes
from shared.clients.dns_txt import TxtResolver
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings, StaffSettings
from shared.database import connect_database, in_tenant
from shared.edge.desk import Desk
from shared.edge.http import answer, http_app, http_handler
from shared.edge.requests import body_of, idempotency_key, query_of, tenant_of
from shared.edge.staff_of import staff_of
from shared.staff.schemas import ADMINS, STAFF
from shared.whitelists import uploads
from shared.whitelists.create_whitelist_import import CreatedImport, create_whitelist_import
from shared.whitelists.queries import get_whitelist_import, import_id_in_path
from shared.whitelists.schemas import (
    NewWhitelistImport,
    RejectedLinesQuery,
    WhitelistImportCreated,
    WhitelistImportView,
)
from workshop_routes import add_workshop_routes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class AdminSettings(PaymentSettings, StaffSettings):
    uploads_bucket: str
    nameserver: str


settings = AdminSettings.from_environment()
database = connect_database(settings.database_url)
app = http_app(settings.tokens)
handler = http_handler(app)
desk = Desk(app, settings, database)
add_domain_routes(
    desk,
    DomainTools(TxtResolver(settings.nameserver), settings.own_hosts | {settings.base_domain}),
)
add_person_routes(desk)
add_invitation_routes(app, settings, database)
add_booking_routes(app, settings, database)
add_workshop_routes(app, settings, database)
add_payment_routes(app, settings, database, Sealer(settings.tenant_secrets_key_id))


@cache
def s3() -> "S3Client":
    """Made when the first upload is asked for: most requests need none."""
    return uploads.s3_client()


@app.get("/v1/admin/me")
def me() -> Response[Any]:
    member = in_tenant(database, tenant_of(app, settings), lambda c: staff_of(app, c, roles=STAFF))
    return answer(member.view())


@app.post("/v1/admin/whitelist-imports")
def create_import() -> Response[Any]:
    now = datetime.now(UTC)

    def create(connection: Connection) -> CreatedImport:
        staff = staff_of(app, connection, roles=ADMINS)
        command = body_of(app, NewWhitelistImport)
        return create_whitelist_import(connection, staff, command, idempotency_key(app), now)

    made = in_tenant(database, tenant_of(app, settings), create)
    upload = uploads.signed_upload(s3(), settings.uploads_bucket, made.id, now)
    headers: dict[str, str | list[str]] = {"Location": f"/v1/admin/whitelist-imports/{made.id}"}
    if made.replayed:
        headers["Idempotent-Replayed"] = "true"
    return answer(WhitelistImportCreated(id=made.id, status=made.status, upload=upload), 201, headers)


@app.get("/v1/admin/whitelist-imports/<import_id>")
def show_import(import_id: str) -> Response[Any]:
    def show(connection: Connection) -> WhitelistImportView:
        staff = staff_of(app, connection, roles=ADMINS)
        wanted, query = import_id_in_path(import_id), query_of(app, RejectedLinesQuery)
        return get_whitelist_import(connection, staff.tenant.id, wanted, query)

    return answer(in_tenant(database, tenant_of(app, settings), show))
