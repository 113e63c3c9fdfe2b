"""What the platform's own people call: about all schools, and in none of them."""

from restore_routes import add_restore_routes
from shared.config import StaffSettings
from shared.database import connect_database
from shared.edge.http import http_app, http_handler
from shared.edge.platform_desk import PlatformDesk
from sync_routes import add_sync_routes
from tenant_routes import add_tenant_routes


class PlatformSettings(StaffSettings):
    ops_database_url: str


settings = PlatformSettings.from_environment()
database = connect_database(settings.ops_database_url)
app = http_app(settings.tokens)
handler = http_handler(app)
desk = PlatformDesk(app, database)
add_tenant_routes(desk)
add_restore_routes(desk)
add_sync_routes(desk)
