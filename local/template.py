"""What template.yaml asks for, with every value resolved for one run; everything by logical id."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from local import template_models as models
from local.schedule_expressions import Timetable


@dataclass(frozen=True)
class Route:
    """`authorizer` is None where everybody may call."""

    function: str
    event: models.HttpApiEvent
    authorizer: models.JwtAuthorizer | None

    @property
    def key(self) -> str:
        """As API Gateway spells it: `POST /v1/bookings`."""
        return self.event.path if self.event.path == "$default" else f"{self.method} {self.event.path}"

    @property
    def method(self) -> str:
        return self.event.method.upper().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY")


@dataclass(frozen=True)
class Schedule:
    """`logical_id` is the one that SAM makes; `event` the JSON text that the function receives, if any
    is written down. `source` is aws.scheduler or aws.events.
    """

    logical_id: str
    event_id: str
    function: str
    source: str
    timetable: Timetable
    zone: ZoneInfo
    event: str | None
    enabled: bool


@dataclass(frozen=True)
class QueueSource:
    """`queue` and `function` are logical ids."""

    queue: str
    function: str
    event: models.SqsEvent


@dataclass(frozen=True)
class Template:
    functions: Mapping[str, models.Function]
    queues: Mapping[str, models.Queue]
    buckets: Mapping[str, models.Bucket]
    keys: Mapping[str, models.Key]
    cors: models.Cors | None
    routes: tuple[Route, ...]
    schedules: tuple[Schedule, ...]
    queue_sources: tuple[QueueSource, ...]
