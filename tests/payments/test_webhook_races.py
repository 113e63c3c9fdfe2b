"""Stripe sends one event many times at once: one is kept, and all are answered alike."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shared.clients.sealing import Sealer
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Answer, LoadedFunction
from tests.payments.webhooks import Webhooks, body_of, event, posted_to, signed
from tests.schools import make_school

AT_ONCE = 10
BODY = body_of(event())


def test_ten_at_once_without_the_key_of_the_table_are_kept_more_than_once(
    own_database: TestDatabase, load: Load, key_id: str
) -> None:
    """The twin: with the guard taken out, the same ten do what the next test says they do not."""
    own_database.rows('ALTER TABLE "WebhookEvent" DROP CONSTRAINT "WebhookEvent_pkey"')
    answers, kept = ten_at_once(own_database, load, key_id)
    assert {answer.status for answer in answers} == {200}
    assert kept > 1


@pytest.mark.race
def test_ten_at_once_are_kept_once(database: TestDatabase, load: Load, key_id: str) -> None:
    answers, kept = ten_at_once(database, load, key_id)
    assert [(answer.status, answer.json) for answer in answers] == [(200, {"received": True})] * AT_ONCE
    assert kept == 1


def ten_at_once(database: TestDatabase, load: Load, key_id: str) -> tuple[list[Answer], int]:
    """The same event to ten execution environments; returns the answers and how many rows there are."""
    functions = [
        load("stripe_webhooks", DATABASE_URL=database.app_url, TENANT_SECRETS_KEY_ID=key_id)
        for _ in range(AT_ONCE)
    ]
    webhooks = Webhooks(functions[0], database, Sealer(key_id))
    endpoint = webhooks.listen(make_school(database, "aurora"))
    ready, signature = Barrier(AT_ONCE), signed(BODY)

    def post(function: LoadedFunction) -> Answer:
        ready.wait(timeout=30)
        return posted_to(function, endpoint, BODY, signature)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(post, functions))
    for function in functions:
        function.close()
    return answers, len(webhooks.kept())
