"""Lambda for one machine: every function of the template with the environment that it says."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.aws import CREDENTIALS
from local.code_version import CodeVersion
from local.errors import LocalRunError
from local.function_pool import FunctionPool
from local.names import REGION, function_arn
from local.sandbox import Invocation, Program
from local.template import Template
from local.template_models import Function

# How many sandboxes of a function may work at once where the template sets no limit.
SANDBOXES = 8


class StillRunning(Exception):
    """The caller's patience ended before the function did, which goes on."""


@dataclass(frozen=True)
class Functions:
    """By logical id."""

    pools: Mapping[str, FunctionPool]
    threads: ThreadPoolExecutor

    def invoke(self, logical_id: str, event: Any) -> Invocation:
        return self.pools[logical_id].invoke(event)

    def invoke_within(self, logical_id: str, event: Any, seconds: float) -> Invocation:
        """Raises StillRunning when there is no answer in time."""
        answer = self.threads.submit(self.invoke, logical_id, event)
        try:
            return answer.result(timeout=seconds)
        except TimeoutError:
            raise StillRunning from None


@contextmanager
def running_functions(
    template: Template, root: Path, logs: Path, surroundings: Mapping[str, str]
) -> Iterator[Functions]:
    """`surroundings` is what every function gets beside the template's variables: where AWS is."""
    code = CodeVersion(root)
    pools = {
        logical_id: FunctionPool(
            program_of(logical_id, function, root, logs, surroundings), limit(template, logical_id), code
        )
        for logical_id, function in template.functions.items()
    }
    threads = ThreadPoolExecutor(max_workers=256, thread_name_prefix="invocation")
    try:
        yield Functions(pools, threads)
    finally:
        list(threads.map(FunctionPool.stop, pools.values()))
        threads.shutdown(cancel_futures=True)


def limit(template: Template, logical_id: str) -> int:
    sources = [source.event for source in template.queue_sources if source.function == logical_id]
    wanted = [event.scaling_config.maximum_concurrency for event in sources if event.scaling_config]
    reserved = template.functions[logical_id].reserved_concurrent_executions
    return min(reserved or SANDBOXES, max([SANDBOXES, *wanted]))


def program_of(
    logical_id: str, function: Function, root: Path, logs: Path, surroundings: Mapping[str, str]
) -> Program:
    code = (root / function.code_uri).resolve()
    if not code.is_dir():
        raise LocalRunError(f"{logical_id}: there is no folder {function.code_uri}")
    return Program(
        name=logical_id,
        arn=function_arn(logical_id),
        code=code,
        root=root.resolve(),
        handler=function.handler,
        timeout=function.timeout,
        environment=environment(logical_id, function, code, surroundings),
        log=logs / f"{logical_id}.log",
    )


def environment(
    logical_id: str, function: Function, code: Path, surroundings: Mapping[str, str]
) -> dict[str, str]:
    """The template's variables, those that Lambda sets (Developer Guide, «Defined runtime environment
    variables») and `surroundings`. Nothing of the environment that this run was started in.
    """
    return {
        **function.environment.variables,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": logical_id,
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{logical_id}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": REGION,
        "LAMBDA_TASK_ROOT": str(code),
        "LANG": "en_US.UTF-8",
        "PATH": os.defpath,
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        **CREDENTIALS,
        **surroundings,
    }
