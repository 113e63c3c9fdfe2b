"""Logs and metrics of the process: JSON lines with the request and the tenant, metrics inside them (EMF).

What people write (names, addresses, notes), tokens and keys are never given to the logger.
"""

from aws_lambda_powertools import Logger, Metrics

logger = Logger(utc=True)
metrics = Metrics()
