"""A template that this run would only half carry out is refused, with the place."""

from pathlib import Path
from typing import Any

import pytest

from local.cloudformation import read_yaml
from local.errors import UnsupportedTemplate
from local.names import Names
from local.template import Template
from local.template_reader import load_template, resolve_template
from tests.local.sample import TEMPLATE

ROOT = Path(__file__).resolve().parents[2]
NAMES = Names("booking", "http://127.0.0.1:1", "http://127.0.0.1:2")
PARAMETERS = {"JwtIssuer": "http://127.0.0.1:2/issuer", "JwtAudience": "us", "Notes": "/notes"}

FUNCTION = "HttpFunction.Properties"
EVENTS = f"{FUNCTION}.Events"

UNSUPPORTED: list[tuple[str, Any, str]] = [
    ("Resources.New", {"Type": "AWS::DynamoDB::Table"}, "New"),
    (f"Resources.{EVENTS}.New", {"Type": "SNS", "Properties": {}}, "HttpFunction.Events.New"),
    (f"Resources.{EVENTS}.New", {"Type": "S3", "Properties": {}}, "HttpFunction.Events.New"),
    (f"Resources.{EVENTS}.Echo.Properties.PayloadFormatVersion", "1.0", "PayloadFormatVersion"),
    (f"Resources.{EVENTS}.Me.Properties.Auth.Authorizer", "Somebody", "HttpFunction.Events.Me"),
    (f"Resources.{EVENTS}.Me.Properties.ApiId", "Other", "HttpFunction.Events.Me"),
    (f"Resources.{FUNCTION}.EventInvokeConfig", {"MaximumRetryAttempts": 0}, "EventInvokeConfig"),
    (f"Resources.{FUNCTION}.FunctionUrlConfig", {"AuthType": "NONE"}, "FunctionUrlConfig"),
    (f"Resources.{FUNCTION}.PackageType", "Image", "PackageType"),
    (f"Resources.{FUNCTION}.Environment.Variables.X", {"Fn::ImportValue": "y"}, "Variables.X"),
    (f"Resources.{FUNCTION}.Environment.Variables.X", {"Ref": "Nothing"}, "Variables.X"),
    (f"Resources.{FUNCTION}.Environment.Variables.X", {"Fn::GetAtt": ["Uploads", "DomainName"]}, "X"),
    (f"Resources.{FUNCTION}.Environment.Variables.X", {"Fn::Sub": "${Nothing}"}, "Variables.X"),
    ("Resources.Api.Properties.StageName", "v1", "StageName"),
    ("Resources.Api.Properties.Auth.Authorizers.Staff.AuthorizerPayloadFormatVersion", "2.0", "Staff"),
    ("Resources.Api.Properties.Auth.Authorizers.Staff.IdentitySource", "$request.querystring.t", "Staff"),
    ("Resources.Inbox.Properties.FifoQueue", True, "FifoQueue"),
    ("Resources.Inbox.Properties.RedrivePolicy.deadLetterTargetArn", "arn:aws:sqs:x:y:z", "Inbox"),
    ("Resources.NoteFunction.Properties.Events.Messages.Properties.FilterCriteria", {}, "FilterCriteria"),
    ("Resources.NoteFunction.Properties.Events.Messages.Properties.Queue", "arn:elsewhere", "Messages"),
    (
        "Resources.NoteFunction.Properties.Events.Monthly.Properties.ScheduleExpression",
        "at(2030-01-01T00:00:00)",
        "Monthly",
    ),
    (
        "Resources.NoteFunction.Properties.Events.Monthly.Properties.ScheduleExpressionTimezone",
        "X/Y",
        "Monthly",
    ),
    (
        "Resources.Uploads.Properties.NotificationConfiguration.LambdaConfigurations",
        [{"Event": "s3:ObjectCreated:*", "Function": "x"}],
        "LambdaConfigurations",
    ),
    ("Resources.Uploads.Properties.NotificationConfiguration.TopicConfigurations", [], "TopicConfigurations"),
    ("Resources.Uploads.Properties.WebsiteConfiguration", {}, "WebsiteConfiguration"),
    ("Resources.Key.Properties.KeySpec", "RSA_2048", "KeySpec"),
    ("Globals.Api", {}, "Globals.Api"),
]


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *folders, last = path.split(".")
    place = document
    for folder in folders:
        place = place.setdefault(folder, {})
    place[last] = value
    return document


def resolved(document: dict[str, Any]) -> Template:
    return resolve_template(document, PARAMETERS, NAMES)


@pytest.mark.parametrize(("path", "value", "place"), UNSUPPORTED, ids=[f"{one[0]}" for one in UNSUPPORTED])
def test_what_it_cannot_drive_is_refused_by_name(path: str, value: Any, place: str) -> None:
    with pytest.raises(UnsupportedTemplate) as refused:
        resolved(changed(read_yaml(TEMPLATE), path, value))
    assert place in refused.value.place


def test_a_parameter_without_a_value_is_refused_where_it_is_used() -> None:
    with pytest.raises(UnsupportedTemplate) as refused:
        resolve_template(read_yaml(TEMPLATE), {"JwtIssuer": "x", "JwtAudience": "y"}, NAMES)
    assert refused.value.place.startswith("NoteFunction.Environment.Variables.NOTES")


def test_every_function_route_schedule_queue_and_bucket_of_the_real_template_is_driven() -> None:
    document = read_yaml((ROOT / "template.yaml").read_text())
    parameters = {"DatabaseHost": "127.0.0.1", "DatabasePort": "5555"}
    found = load_template(ROOT / "template.yaml", parameters, NAMES)
    resources = document["Resources"]

    def ids(kind: str) -> set[str]:
        return {name for name, resource in resources.items() if resource["Type"] == kind}

    def events(kind: str) -> set[tuple[str, str]]:
        return {
            (function, event_id)
            for function in ids("AWS::Serverless::Function")
            for event_id, event in resources[function]["Properties"].get("Events", {}).items()
            if event["Type"] == kind
        }

    assert set(found.functions) == ids("AWS::Serverless::Function")
    assert set(found.queues) == ids("AWS::SQS::Queue")
    assert set(found.buckets) == ids("AWS::S3::Bucket")
    assert set(found.keys) == ids("AWS::KMS::Key")
    assert len(found.routes) == len(events("HttpApi"))
    assert {(one.function, one.event_id) for one in found.schedules} == events("ScheduleV2")
    assert {one.function for one in found.queue_sources} == {function for function, _ in events("SQS")}


def test_values_are_those_of_this_run() -> None:
    found = load_template(
        ROOT / "template.yaml", {"DatabaseHost": "127.0.0.1", "DatabasePort": "5555"}, NAMES
    )
    variables = found.functions["BookingApiFunction"].environment.variables
    assert variables["DATABASE_URL"] == "postgresql://booking_app@127.0.0.1:5555/booking?sslrootcert="
    assert variables["STAGE"] == "dev"
    assert variables["PYTHONTZPATH"] == ""
    admin = found.functions["AdminApiFunction"].environment.variables
    assert admin["UPLOADS_BUCKET"] == "booking-uploadsbucket"


def test_intrinsics_mean_what_cloudformation_says() -> None:
    document = read_yaml(TEMPLATE)
    document["Conditions"] = {"No": {"Fn::Equals": [{"Ref": "JwtAudience"}, "them"]}}
    variables = {
        "JOINED": {"Fn::Join": ["-", ["a", {"Ref": "JwtAudience"}]]},
        "CHOSEN": {"Fn::If": ["No", "yes", "no"]},
        "NEGATED": {"Fn::If": [{"Fn::Not": [{"Condition": "No"}]}, "yes", "no"]},
        "PICKED": {"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]},
        "FILLED": {"Fn::Sub": ["${own}/${JwtAudience}/${Inbox.QueueName}/${!Literal}", {"own": "o"}]},
        "ABSENT": {"Ref": "AWS::NoValue"},
    }
    changed(document, "Resources.HttpFunction.Properties.Environment.Variables", variables)
    found = resolved(document).functions["HttpFunction"].environment.variables
    assert found == {
        "GREETING": "hello",
        "JOINED": "a-us",
        "CHOSEN": "no",
        "NEGATED": "yes",
        "PICKED": "b",
        "FILLED": "o/us/booking-Inbox/${Literal}",
    }


def test_a_resource_whose_condition_does_not_hold_is_left_out() -> None:
    document = read_yaml(TEMPLATE)
    document["Conditions"] = {"No": {"Fn::Equals": ["a", "b"]}}
    document["Resources"]["Spare"] = {"Type": "AWS::SQS::Queue", "Condition": "No"}
    assert "Spare" not in resolved(document).queues
