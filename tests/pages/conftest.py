"""The school's own pages, through the real handler, as browsers ask for them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Load
from tests.functions import Answer, Api
from tests.schools import School

# Values of a column that are documents are given as JSON text.
Publish = Callable[..., None]


@pytest.fixture
def pages(load: Load) -> Iterator[Api]:
    function = load("pages")
    yield Api(function, tenant=None)
    function.close()


@pytest.fixture
def see(pages: Api, school: School) -> Callable[..., Answer]:
    """Asks on the school's own host."""

    def asked(path: str, language: str = "en", **headers: str) -> Answer:
        sent = {"accept-language": language, **headers}
        return pages.get(path, host=f"{school.subdomain}.booking.test", headers=sent)

    return asked


@pytest.fixture
def publish(school: School) -> Publish:
    """Writes the landing page's row as an owner would, whatever it holds."""

    def published(**columns: Any) -> None:
        columns = {"published": True, "templateId": 1, **columns}
        names = ", ".join(f'"{name}"' for name in columns)
        kinds = {"socialLinks": "jsonb", "seoSettings": "jsonb"}
        values = ", ".join(
            f"CAST(:{name} AS {kinds[name]})" if name in kinds else f":{name}" for name in columns
        )
        school.database.rows(
            f"""INSERT INTO "TenantLandingSettings" ("tenantId", {names}) VALUES (:tenant, {values})
                ON CONFLICT ("tenantId") DO UPDATE SET ({names}, "updatedAt") = ROW({values}, now())""",
            tenant=school.id,
            **{name: json.dumps(value) if name in kinds else value for name, value in columns.items()},
        )

    return published
