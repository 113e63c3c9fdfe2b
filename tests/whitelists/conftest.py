from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from shared.database import connect_database
from tests.conftest import Load
from tests.databases import TestDatabase
from tests.functions import Api, LoadedFunction
from tests.schools import School
from tests.whitelists.imports import Imports


@pytest.fixture
def imports(school: School, database: TestDatabase) -> Iterator[Imports]:
    """Imports of the school aurora, under the app's role."""
    engine = connect_database(database.app_url)
    yield Imports(school, engine)
    engine.dispose()


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """An S3 to put files into by HTTP, one a worker process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(aws_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket for uploads."""
    for variable, value in {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(variable, value)
    name = f"uploads-{uuid4().hex}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def admin_api(load: Load, bucket: str) -> Iterator[Api]:
    """What the staff calls, through the real handler."""
    function = load("admin_api", UPLOADS_BUCKET=bucket)
    yield Api(function)
    function.close()


@pytest.fixture
def importer(load: Load, bucket: str) -> Iterator[LoadedFunction]:
    """The function that the queue calls."""
    function = load("whitelist_import", UPLOADS_BUCKET=bucket)
    yield function
    function.close()
