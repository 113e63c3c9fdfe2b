"""Makes the OpenAPI 3.1 document of the operations and of the schemas that the handlers themselves use."""

import re
from collections import defaultdict
from http.client import NO_CONTENT
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.edge.failures import PROBLEM_JSON
from shared.errors import Problem
from shared.openapi.links import LINKS
from shared.openapi.operation import Operation
from shared.openapi.operations import OPERATIONS

REFERENCE = "#/components/schemas/{model}"

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `code` is stable: branch on it. Some problems have further members.",
    "required": ["type", "title", "status", "code", "requestId"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "requestId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}

ANY_PROBLEM = {"schema": {"$ref": REFERENCE.format(model="Problem")}}

# API Gateway looks at the token before any function is asked, and says so in its own words.
NO_TOKEN = {
    "description": "No valid token",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"message": {"type": "string"}}},
            "example": {"message": "Unauthorized"},
        }
    },
}

CREATED_HEADERS = {
    "Location": {"description": "Where it is", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "`true` when this answer was given before to the same key",
        "schema": {"type": "string"},
    },
}

SECURITY = {
    "ManageToken": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Manage-Token",
        "description": "Told with the booking and in its mail; in a link as `manageToken`.",
    },
    "ImmersioSignature": {"type": "apiKey", "in": "header", "name": "X-Webhook-Signature"},
    "StripeSignature": {"type": "apiKey", "in": "header", "name": "Stripe-Signature"},
    "StaffToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}

TENANT = {
    "name": "X-Tenant",
    "in": "header",
    "description": "The school's subdomain, on the API's own host; elsewhere the host names the school.",
    "schema": {"type": "string"},
    "example": "aurora",
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own: the same key with the same body gets the first answer again.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
    },
    "example": "f6b1c1a0-lesson-1",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of what was seen: whatever is newer is not overwritten.",
    "schema": {"type": "string"},
    "example": '"5d41402abc4b2a76b9719d911017c592"',
}
ETAG = {"ETag": {"description": "For If-Match", "schema": {"type": "string"}}}
MANAGE_TOKEN = {
    "name": "manageToken",
    "in": "query",
    "description": "Instead of the header X-Manage-Token, in links.",
    "schema": {"type": "string"},
}


def render() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    schemas = _schemas()
    for operation in OPERATIONS:
        paths[operation.path][operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Booking service",
            "version": "1",
            "description": "Lessons and workshops of language schools: what is free, and booking it.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": dict(paths),
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": SECURITY,
        },
    }


def _schemas() -> dict[str, Any]:
    asked: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    for operation in OPERATIONS:
        for model, mode in ((operation.body, "validation"), (operation.query, "validation"),
                            (operation.answer, "serialization")):  # fmt: skip
            if model is not None and (model, mode) not in asked:
                asked.append((model, mode))  # type: ignore[arg-type]  # mode is one of the two literals
    _, definitions = models_json_schema(asked, ref_template=REFERENCE)
    return dict(sorted(definitions["$defs"].items()))


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation, schemas),
        "responses": {**_successes(operation), **_problems(operation)},
    }
    if operation.body is not None:
        reference = {"$ref": REFERENCE.format(model=operation.body.__name__)}
        needed = not operation.body_is_optional
        told["requestBody"] = {"required": needed, "content": {"application/json": {"schema": reference}}}
    if operation.security:
        told["security"] = [{operation.security: []}]
    if operation.security == "StaffToken":
        told["responses"]["401"] = NO_TOKEN
    return told


def _parameters(operation: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    in_path = [_in_path(name) for name in re.findall(r"{(\w+)}", operation.path)]
    of_school = [TENANT] if operation.of_a_school else []
    key = [IDEMPOTENCY_KEY] if operation.idempotent else []
    in_query = [] if operation.query is None else _in_query(schemas[operation.query.__name__])
    in_link = [MANAGE_TOKEN] if operation.security == "ManageToken" else []
    seen = [IF_MATCH] if operation.conditional else []
    return [*in_path, *of_school, *key, *seen, *in_query, *in_link]


def _in_path(name: str) -> dict[str, Any]:
    kind = {"type": "integer", "minimum": 1} if name in ("id", "sessionNumber") else {"type": "string"}
    return {"name": name, "in": "path", "required": True, "schema": kind}


def _in_query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _as_text(field)}
        for name, field in schema["properties"].items()
    ]


def _as_text(field: dict[str, Any]) -> dict[str, Any]:
    """A query string has no null: what may be left out is left out."""
    if "anyOf" not in field or {"type": "null"} not in field["anyOf"]:
        return field
    told = {name: value for name, value in field.items() if name not in ("anyOf", "default")}
    kinds = [kind for kind in field["anyOf"] if kind != {"type": "null"}]
    return {**told, **kinds[0]} if len(kinds) == 1 else {**told, "anyOf": kinds}


def _successes(operation: Operation) -> dict[str, Any]:
    statuses = sorted((operation.status, *operation.other_statuses))
    return {str(status): _success(operation) for status in statuses}


def _success(operation: Operation) -> dict[str, Any]:
    if operation.status == NO_CONTENT:
        return {"description": "Done"}
    schema: dict[str, Any] = {"type": "string"} if operation.media_type != "application/json" else {}
    if operation.answer is not None:
        schema = {"$ref": REFERENCE.format(model=operation.answer.__name__)}
    content: dict[str, Any] = {"schema": schema}
    if operation.example is not None:
        content["example"] = operation.example
    others = {media_type: {"schema": {"type": "string"}} for media_type in operation.other_media_types}
    told: dict[str, Any] = {"description": "Done", "content": {operation.media_type: content, **others}}
    headers = {**(CREATED_HEADERS if operation.idempotent else {}), **(ETAG if operation.tagged else {})}
    if headers:
        told["headers"] = headers
    if operation.name in LINKS:
        told["links"] = {
            target: {"operationId": target, "parameters": dict(parameters)}
            for target, parameters in LINKS[operation.name].items()
        }
    return told


def _problems(operation: Operation) -> dict[str, Any]:
    by_status: dict[int, list[type[Problem]]] = defaultdict(list)
    for problem in operation.told_problems:
        by_status[problem.status].append(problem)
    told = {str(status): _told(by_status[status]) for status in sorted(by_status)}
    return told | {"default": {"description": "Any other failure", "content": {PROBLEM_JSON: ANY_PROBLEM}}}


def _told(problems: list[type[Problem]]) -> dict[str, Any]:
    examples = {
        problem.code: {"value": {**problem().document(), "requestId": "Kx2VdhYvIAMEPAg="}}
        for problem in problems
    }
    content = {"schema": {"$ref": REFERENCE.format(model="Problem")}, "examples": examples}
    codes = ", ".join(f"`{code}`" for code in examples)
    told: dict[str, Any] = {"description": codes, "content": {PROBLEM_JSON: content}}
    if any(problem.retry_after is not None for problem in problems):
        told["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return told
