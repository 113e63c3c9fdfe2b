"""What the staff of a school calls."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from backup_routes import add_backup_routes
from booking_routes import add_booking_routes
from domain_routes import DomainTools, add_domain_routes
from immersio_routes import add_immersio_routes
from invitation_routes import add_invitation_routes
from payment_routes import add_payment_routes
from person_routes import add_person_routes
from shared.clients.dns_txt import TxtResolver
from shared.clients.public_hosts import HostRule
from shared.clients.sealing import Sealer
from shared.config import PaymentSettings, StaffSettings
from shared.database import connect_database, in_tenant
from shared.edge.desk import Desk
from shared.edge.http import answer, http_app, http_handler
from shared.edge.requests import tenant_of
from shared.edge.staff_of import staff_of
from shared.staff.schemas import STAFF
from usage_routes import add_usage_routes
from whitelist_routes import add_whitelist_routes
from workshop_routes import add_workshop_routes


class AdminSettings(PaymentSettings, StaffSettings):
    uploads_bucket: str
    nameserver: str
    immersio_host_suffixes: str
    immersio_allow_loopback: bool = False


settings = AdminSettings.from_environment()
database = connect_database(settings.database_url)
app = http_app(settings.tokens)
handler = http_handler(app)
sealer = Sealer(settings.tenant_secrets_key_id)
desk = Desk(app, settings, database)
add_domain_routes(
    desk,
    DomainTools(TxtResolver(settings.nameserver), settings.own_hosts | {settings.base_domain}),
)
add_person_routes(desk)
add_invitation_routes(app, settings, database)
add_booking_routes(app, settings, database, sealer)
add_backup_routes(app, settings, database)
add_workshop_routes(app, settings, database)
add_usage_routes(app, settings, database)
add_payment_routes(app, settings, database, sealer)
hosts = HostRule.of(settings.immersio_host_suffixes, allow_loopback=settings.immersio_allow_loopback)
add_immersio_routes(app, settings, database, sealer, hosts)
add_whitelist_routes(app, settings, database, settings.uploads_bucket)


@app.get("/v1/admin/me")
def me() -> Response[Any]:
    member = in_tenant(database, tenant_of(app, settings), lambda c: staff_of(app, c, roles=STAFF))
    return answer(member.view())
