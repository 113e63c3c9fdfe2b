"""Logs and metrics of the process: JSON lines with the request and the tenant, metrics inside them (EMF).

What people write (names, addresses, notes), tokens and keys are never given to the logger.
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(utc=True)
metrics = Metrics()


def tell_metrics() -> None:
    """Tell what was counted, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()
