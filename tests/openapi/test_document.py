"""The document tells the truth: it is valid, complete, and its examples are what it says they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from local.cloudformation import read_yaml
from shared.openapi.document import rendered_document
from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS
from shared.openapi.render import render
from tests.functions import Api
from tests.isolation.page_recipes import PAGES
from tests.schools import School

DOCUMENT: dict[str, Any] = json.loads(rendered_document())


def routes_of_the_template() -> dict[tuple[str, str], str | None]:
    """Method and path of every route that API Gateway has, with its authorizer."""
    template = read_yaml(Path("template.yaml").read_text(encoding="utf-8"))
    functions = [each for each in template["Resources"].values() if each["Type"].endswith("::Function")]
    events = [event for each in functions for event in each["Properties"].get("Events", {}).values()]
    return {
        (route["Method"], route["Path"]): route.get("Auth", {}).get("Authorizer")
        for route in (event["Properties"] for event in events if event["Type"] == "HttpApi")
    }


def test_the_document_is_the_one_that_the_code_makes() -> None:
    assert render() == DOCUMENT


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_every_route_but_the_pages_is_told_and_nothing_else() -> None:
    told = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}
    pages = {(page.method, page.path) for page in PAGES}
    assert told | pages == set(routes_of_the_template())
    assert told & pages == set()


def test_the_gateway_asks_for_a_token_wherever_the_document_does() -> None:
    asked = {(each.method, each.path) for each in OPERATIONS if each.security == "StaffToken"}
    guarded = {route for route, authorizer in routes_of_the_template().items() if authorizer}
    assert guarded == asked


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_has_a_name_a_summary_and_an_example(operation: Operation) -> None:
    assert operation.summary
    assert operation.example is not None or operation.answer is None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_example_is_what_its_schema_says(operation: Operation) -> None:
    answer = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"][str(operation.status)]
    content = answer.get("content", {}).get(operation.media_type, {})
    if "example" in content:
        schema = {**content["schema"], "components": DOCUMENT["components"]}
        Draft202012Validator(schema).validate(content["example"])


def test_the_names_of_operations_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_the_api_serves_it(api: Api, school: School) -> None:
    answer = api.get("/openapi.json")
    assert answer.status == 200
    assert answer.json == DOCUMENT
