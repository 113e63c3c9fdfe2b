"""Reads template.yaml into what this run has to drive, and refuses what it cannot.

A template that deploys and a run that leaves half of it out would look alike until production.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from local import template_models as models
from local.cloudformation import Resolver, read_yaml
from local.errors import UnsupportedTemplate
from local.names import Names
from local.schedule_expressions import Timetable, UnsupportedExpression, timetable
from local.template import QueueSource, Route, Schedule, Template

FUNCTION, API = "AWS::Serverless::Function", "AWS::Serverless::HttpApi"
QUEUE, BUCKET, KEY = "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::KMS::Key"
DRIVEN_EVENTS = ("HttpApi", "SQS", "ScheduleV2", "Schedule")

# They guard, watch, keep or carry what the functions do, and change no answer of theirs.
WITHOUT_EFFECT_HERE = frozenset(
    {
        "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::Backup::BackupVault",
        "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard",
        "AWS::EC2::SecurityGroup", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::RDS::DBInstance",
        "AWS::RDS::DBParameterGroup", "AWS::RDS::DBProxy", "AWS::RDS::DBProxyTargetGroup",
        "AWS::RDS::DBSubnetGroup", "AWS::S3::BucketPolicy", "AWS::SES::ConfigurationSet",
        "AWS::SES::EmailIdentity", "AWS::SQS::QueuePolicy", "AWS::Serverless::LayerVersion",
    }
)  # fmt: skip

M = TypeVar("M", bound=models.Properties)


def load_template(path: Path, parameters: Mapping[str, str], names: Names) -> Template:
    """`parameters` win over the template's defaults. Raises UnsupportedTemplate, which names the place."""
    return resolve_template(read_yaml(path.read_text(encoding="utf-8")), parameters, names)


def resolve_template(document: Mapping[str, Any], parameters: Mapping[str, str], names: Names) -> Template:
    """`document` is the template as `read_yaml` has it; reading it is the slow part."""
    resolver = resolver_for(document, parameters, names)
    resources = {
        logical_id: resource
        for logical_id, resource in document["Resources"].items()
        if "Condition" not in resource or resolver.holds(resource["Condition"], logical_id)
    }
    reader = TemplateReader(document.get("Globals", {}), resources, resolver, names)
    reader.refuse_unknown()
    return reader.read()


def resolver_for(document: Mapping[str, Any], parameters: Mapping[str, str], names: Names) -> Resolver:
    types = {logical_id: resource["Type"] for logical_id, resource in document["Resources"].items()}
    declared = document.get("Parameters", {})
    given = {name: parameters.get(name, declaration.get("Default")) for name, declaration in declared.items()}
    values = {
        name: typed(declared[name]["Type"], value) for name, value in given.items() if value is not None
    }
    return Resolver(
        references={**names.references(types), **values},
        attributes=names.attributes(types),
        conditions=document.get("Conditions", {}),
    )


def typed(kind: str, value: Any) -> Any:
    """Lists are written with commas; everything else stays text."""
    return str(value).split(",") if kind == "CommaDelimitedList" or kind.startswith("List<") else str(value)


def merged(base: Any, own: Any) -> Any:
    """As SAM merges Globals: mappings key by key, lists one after the other, the resource's own wins."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{key: merged(base[key], own[key]) if key in base else own[key] for key in own}}
    if isinstance(base, list) and isinstance(own, list):
        return base + own
    return own


@dataclass(frozen=True)
class FoundEvent:
    """An event source of a function, its properties not yet resolved."""

    function: str
    event_id: str
    kind: str
    properties: Mapping[str, Any]

    @property
    def place(self) -> str:
        return f"{self.function}.Events.{self.event_id}"


@dataclass(frozen=True)
class TemplateReader:
    shared_properties: Mapping[str, Any]
    resources: Mapping[str, Any]
    resolver: Resolver
    names: Names

    def refuse_unknown(self) -> None:
        for section in self.shared_properties:
            if section not in ("Function", "HttpApi"):
                raise UnsupportedTemplate(f"Globals.{section}", "is not driven here")
        for logical_id, resource in self.resources.items():
            if resource["Type"] not in {FUNCTION, API, QUEUE, BUCKET, KEY} | WITHOUT_EFFECT_HERE:
                raise UnsupportedTemplate(logical_id, f"{resource['Type']} is not driven here")
        for event in self.all_events():
            if event.kind not in DRIVEN_EVENTS:
                raise UnsupportedTemplate(event.place, f"the event type {event.kind} is not driven here")

    def read(self) -> Template:
        apis = self.all_of(API, models.HttpApi)
        if len(apis) > 1:
            raise UnsupportedTemplate(", ".join(apis), "one HTTP API is driven here, not several")
        return Template(
            functions=self.all_of(FUNCTION, models.Function),
            queues=self.queues(),
            buckets=self.buckets(),
            keys=self.all_of(KEY, models.Key),
            cors=next((api.cors_configuration for api in apis.values()), None),
            routes=tuple(self.route(event, apis) for event in self.events("HttpApi")),
            schedules=(
                *(self.schedule_v2(event) for event in self.events("ScheduleV2")),
                *(self.schedule(event) for event in self.events("Schedule")),
            ),
            queue_sources=tuple(self.queue_source(event) for event in self.events("SQS")),
        )

    def events(self, kind: str) -> list[FoundEvent]:
        return [event for event in self.all_events() if event.kind == kind]

    def all_events(self) -> Iterator[FoundEvent]:
        for function in self.ids_of(FUNCTION):
            for event_id, event in self.resources[function]["Properties"].get("Events", {}).items():
                yield FoundEvent(function, event_id, event["Type"], event.get("Properties", {}))

    def ids_of(self, kind: str) -> list[str]:
        return [logical_id for logical_id, resource in self.resources.items() if resource["Type"] == kind]

    def all_of(self, kind: str, model: type[M]) -> dict[str, M]:
        section = self.shared_properties.get(kind.rsplit("::", 1)[1], {})
        return {
            logical_id: self.parse(
                model, merged(section, self.resources[logical_id].get("Properties", {})), logical_id
            )
            for logical_id in self.ids_of(kind)
        }

    def parse(self, model: type[M], properties: Mapping[str, Any], place: str) -> M:
        try:
            return model.model_validate(self.driven(model, properties, place))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join([place, *(str(part) for part in first["loc"])])
            raise UnsupportedTemplate(where, first["msg"]) from error

    def driven(self, model: type[M], properties: Mapping[str, Any], place: str) -> Any:
        wanted = {key: value for key, value in properties.items() if key not in model.without_effect_here}
        return self.resolver.resolve(wanted, place)

    def queues(self) -> dict[str, models.Queue]:
        queues = self.all_of(QUEUE, models.Queue)
        for logical_id, queue in queues.items():
            if queue.redrive_policy is not None:
                self.queue_of(queue.redrive_policy.dead_letter_target_arn, f"{logical_id}.RedrivePolicy")
        return queues

    def buckets(self) -> dict[str, models.Bucket]:
        buckets = self.all_of(BUCKET, models.Bucket)
        for logical_id, bucket in buckets.items():
            for notification in bucket.notification_configuration.queue_configurations:
                self.queue_of(notification.queue, f"{logical_id}.NotificationConfiguration")
        return buckets

    def queue_of(self, arn: str, place: str) -> str:
        """The logical id of a queue of this template."""
        for logical_id in self.ids_of(QUEUE):
            if arn == self.names.queue_arn(logical_id):
                return logical_id
        raise UnsupportedTemplate(place, f"{arn} is not a queue of this template")

    def route(self, found: FoundEvent, apis: Mapping[str, models.HttpApi]) -> Route:
        event = self.parse(models.HttpApiEvent, found.properties, found.place)
        if event.api_id not in apis:
            raise UnsupportedTemplate(found.place, f"{event.api_id} is not an HTTP API of this template")
        auth = apis[event.api_id].auth
        wanted = event.auth.authorizer or auth.default_authorizer or "NONE"
        if wanted != "NONE" and wanted not in auth.authorizers:
            raise UnsupportedTemplate(found.place, f"no authorizer {wanted}")
        return Route(function=found.function, event=event, authorizer=auth.authorizers.get(wanted))

    def queue_source(self, found: FoundEvent) -> QueueSource:
        event = self.parse(models.SqsEvent, found.properties, found.place)
        queue = self.queue_of(event.queue, found.place)
        return QueueSource(queue=queue, function=found.function, event=event)

    def schedule_v2(self, found: FoundEvent) -> Schedule:
        event = self.parse(models.ScheduleV2Event, found.properties, found.place)
        if "<aws.scheduler." in (event.input or ""):
            raise UnsupportedTemplate(found.place, "context attributes in Input are not filled in here")
        return Schedule(
            logical_id=f"{found.function}{found.event_id}",
            event_id=found.event_id,
            function=found.function,
            source="aws.scheduler",
            timetable=planned(event.schedule_expression, found.place),
            zone=zone_of(event.schedule_expression_timezone, found.place),
            event=event.input,
            enabled=event.state == "ENABLED",
        )

    def schedule(self, found: FoundEvent) -> Schedule:
        event = self.parse(models.ScheduleEvent, found.properties, found.place)
        return Schedule(
            logical_id=f"{found.function}{found.event_id}",
            event_id=found.event_id,
            function=found.function,
            source="aws.events",
            timetable=planned(event.schedule, found.place),
            zone=zone_of("UTC", found.place),
            event=event.input,
            enabled=event.enabled,
        )


def planned(expression: str, place: str) -> Timetable:
    try:
        return timetable(expression)
    except UnsupportedExpression as error:
        raise UnsupportedTemplate(place, str(error)) from error


def zone_of(name: str, place: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise UnsupportedTemplate(place, f"no time zone {name}") from error
