"""A visitor may be the first one for hours, so the pages load little."""

import json
import os
import subprocess
import sys

from tests.functions import ROOT

LOADED = "import json, sys, app; print(json.dumps(sorted(sys.modules)))"
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://booking_app@127.0.0.1:1/booking",
    "BASE_DOMAIN": "booking.test",
    "API_HOSTS": "api.booking.test",
    "PUBLIC_PORT": "443",
}


def loaded_modules() -> set[str]:
    """What a process has loaded that imported the function and nothing else."""
    paths = os.pathsep.join([str(ROOT / "functions" / "pages"), str(ROOT)])
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": paths}
    told = subprocess.run(
        [sys.executable, "-c", LOADED], env=environment, check=True, capture_output=True, text=True
    )
    return set(json.loads(told.stdout))


def test_neither_an_sdk_nor_a_router_nor_sqlalchemy_is_loaded_with_the_pages() -> None:
    loaded = loaded_modules()
    assert "shared.pages.render_page" in loaded
    heavy = {"boto3", "botocore.client", "stripe", "sqlalchemy", "pydantic", "icalendar", "email.message"}
    assert loaded & {*heavy, "aws_lambda_powertools.event_handler"} == set()
