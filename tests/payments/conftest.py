from collections.abc import Iterator

import pytest

from local.fakes.stripe import stripe_app
from local.web import serving
from shared.clients.sealing import Sealer
from tests.bookings.life import Staff
from tests.clients.kms import kms_key
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api
from tests.payments.fake_stripe import StripeSide
from tests.payments.paid_school import PaidSchool, paid_school
from tests.payments.webhooks import Webhooks
from tests.payments.worker import Worker
from tests.schools import School


@pytest.fixture
def key_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with kms_key(monkeypatch) as made:
        yield made


@pytest.fixture
def webhooks(load: Load, database: TestDatabase, key_id: str) -> Iterator[Webhooks]:
    """Stripe's way in, through the real handler."""
    function = load("stripe_webhooks", TENANT_SECRETS_KEY_ID=key_id)
    yield Webhooks(function, database, Sealer(key_id))
    function.close()


@pytest.fixture(scope="session")
def stripe_url() -> Iterator[str]:
    with serving(stripe_app(retry_waits=[]), threads=8) as url:
        yield url


@pytest.fixture
def stripe(stripe_url: str) -> StripeSide:
    return StripeSide(stripe_url)


@pytest.fixture
def admin(load: Load, school: School, key_id: str, stripe_url: str) -> Iterator[Staff]:
    """The school's admin, through the real handler."""
    function = load(
        "admin_api", UPLOADS_BUCKET="uploads", TENANT_SECRETS_KEY_ID=key_id, STRIPE_API_URL=stripe_url
    )
    yield Staff(Api(function), school.admin_email)
    function.close()


@pytest.fixture
def api(load: Load, key_id: str, stripe_url: str) -> Iterator[Api]:
    """What students call, where Stripe can be reached."""
    function = load("booking_api", TENANT_SECRETS_KEY_ID=key_id, STRIPE_API_URL=stripe_url)
    yield Api(function)
    function.close()


@pytest.fixture
def paid(school: School, key_id: str, stripe: StripeSide) -> PaidSchool:
    """The school with keys of its own, whose lesson costs 15.00 EUR."""
    return paid_school(school, Sealer(key_id), stripe)


@pytest.fixture
def worker(load: Load, database: TestDatabase, key_id: str, stripe_url: str) -> Iterator[Worker]:
    """What runs every minute, through the real handler."""
    function = load(
        "payment_worker",
        OPS_DATABASE_URL=database.ops_url,
        TENANT_SECRETS_KEY_ID=key_id,
        STRIPE_API_URL=stripe_url,
    )
    yield Worker(function, database)
    function.close()
