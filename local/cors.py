"""What API Gateway itself does about CORS when the API is configured for it."""

from collections.abc import Sequence

from werkzeug.wrappers import Request, Response

from local.template_models import Cors


def is_preflight(request: Request) -> bool:
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def preflight_response(cors: Cors, request: Request) -> Response:
    """For every path, whether there is a route or not."""
    response = Response(status=204)
    add_cors(cors, request, response)
    if "access-control-allow-origin" in response.headers:
        add_list(response, "access-control-allow-methods", cors.allow_methods)
        add_list(response, "access-control-allow-headers", cors.allow_headers)
        if cors.max_age is not None:
            response.headers["access-control-max-age"] = str(cors.max_age)
    return response


def add_cors(cors: Cors, request: Request, response: Response) -> None:
    """The API's configuration takes the place of whatever the function said about CORS."""
    own = [name for name, _ in response.headers if name.lower().startswith("access-control-")]
    for name in own:
        response.headers.remove(name)
    origin = request.headers.get("Origin")
    if origin is None or not any(allows(pattern, origin) for pattern in cors.allow_origins):
        return
    everybody = "*" in cors.allow_origins and not cors.allow_credentials
    response.headers["access-control-allow-origin"] = "*" if everybody else origin
    if cors.allow_credentials:
        response.headers["access-control-allow-credentials"] = "true"
    add_list(response, "access-control-expose-headers", cors.expose_headers)


def allows(pattern: str, origin: str) -> bool:
    """An origin, `*`, or every origin of a scheme: `https://*`."""
    return origin.startswith(pattern[:-1]) if pattern.endswith("*") else origin == pattern


def add_list(response: Response, name: str, values: Sequence[str]) -> None:
    if values:
        response.headers[name] = ",".join(values)
