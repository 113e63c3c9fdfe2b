"""Where API Gateway comes in: one log line a request, with its id, and the metrics gathered on the way."""

import threading
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.errors import Problem
from shared.telemetry import logger, metrics

Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# The metrics are the process's: of two threads that are done at once, one finds none left to tell.
_telling = threading.Lock()


def http_entry(resolve: Handler) -> Handler:
    """The Lambda handler that answers an event of the HTTP API as `resolve` does."""

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        asked = event["requestContext"]
        logger.append_keys(request_id=asked["requestId"], host=asked["domainName"])
        told = resolve(event, context)
        logger.info("answered", route=asked["routeKey"], status=told["statusCode"])
        with _telling:
            if metrics.metric_set:
                metrics.flush_metrics()
        return told

    return handler


def count_refusal(problem: Problem) -> None:
    metrics.add_metric(name=f"Refused.{problem.code}", unit=MetricUnit.Count, value=1)
