"""How the staff sets up a school: what it offers, who teaches, when, and how it shows itself.

A function of its own: it needs neither keys nor buckets, and one function may not have all of the routes
(what may invoke it is a policy of 20 KB).
"""

from event_type_routes import add_event_type_routes
from people_routes import add_people_routes
from schedule_routes import add_schedule_routes
from settings_routes import add_settings_routes
from shared.config import HttpSettings, StaffSettings
from shared.database import connect_database
from shared.edge.http import http_app, http_handler


class SchoolSettings(HttpSettings, StaffSettings):
    image_hosts: str

    @property
    def all_image_hosts(self) -> frozenset[str]:
        return frozenset(host.strip().lower() for host in self.image_hosts.split(",") if host.strip())


settings = SchoolSettings.from_environment()
database = connect_database(settings.database_url)
app = http_app(settings.tokens)
handler = http_handler(app)
add_event_type_routes(app, settings, database)
add_people_routes(app, settings, database)
add_schedule_routes(app, settings, database)
add_settings_routes(app, settings, database, settings.all_image_hosts)
