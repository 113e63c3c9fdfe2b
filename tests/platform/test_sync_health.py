"""Super admins see how the sync of every school is doing."""

from tests.databases import TestDatabase
from tests.functions import Answer
from tests.platform.root import ROOT, Root
from tests.schools import School, make_school

PATH = "/v1/platform/immersio"


def health(root: Root, query: str = "", email: str = ROOT) -> Answer:
    return root.api.get(f"{PATH}{query}", claims={"email": email})


def connected(database: TestDatabase, subdomain: str) -> School:
    school = make_school(database, subdomain)
    school.change("Tenant", school.id, immersioApiUrl="https://x.immersio.com")
    return school


def test_a_schools_admin_sees_nothing(root: Root, school: School) -> None:
    assert health(root, email=school.admin_email).code == "forbidden"


def test_a_page_that_cannot_be_is_refused(root: Root) -> None:
    assert [health(root, query).status for query in ("?limit=0", "?limit=101", "?cursor=x")] == [422] * 3


def test_lag_failures_and_what_was_given_up_are_told(root: Root, database: TestDatabase) -> None:
    aurora, lotus = connected(database, "aurora"), connected(database, "lotus")
    make_school(database, "unconnected")
    database.rows(
        """INSERT INTO "ImmersioSyncState" ("tenantId", stream, "lastSucceededAt", "lastErrorCode",
                                            "failingSince", "heldRemovals")
           VALUES (:t, 'courses', now() - interval '1 hour', 'timeout', now() - interval '50 minutes', 12)""",
        t=aurora.id,
    )
    database.rows(
        """INSERT INTO "ImmersioGate" ("tenantId", host, refusals) VALUES (:t, 'x', 3)""", t=lotus.id
    )
    for number, columns in enumerate((
        '"dueAt" = now()',
        '"dueAt" = now(), "failingSince" = now()',
        '"deadAt" = now(), "dueAt" = NULL',
        '"dueAt" = NULL',
    )):  # fmt: skip
        database.rows(
            f"""WITH b AS (INSERT INTO "Booking" ("tenantId", uid, title, "startTime", "endTime")
                           VALUES (:t, 'b{number}', 'A', now(), now() + interval '1 hour') RETURNING id),
                p AS (SELECT id FROM b)
                INSERT INTO "ImmersioPush" ("tenantId", "bookingId", version, fingerprint)
                SELECT :t, id, {number}, 'x' FROM p""",
            t=aurora.id,
        )
        database.rows(f'UPDATE "ImmersioPush" SET {columns} WHERE version = {number}')
    first, second = health(root).json["schools"]
    (courses,) = first.pop("streams")
    assert 3590 <= courses.pop("lagSeconds") <= 3700
    assert courses.pop("failingSince")
    assert courses == {"stream": "courses", "errorCode": "timeout", "heldRemovals": 12}
    assert first == {
        "tenantId": aurora.id, "subdomain": "aurora", "paused": False,
        "waitingPushes": 1, "parkedPushes": 1, "deadPushes": 1,
    }  # fmt: skip
    assert (second["subdomain"], second["paused"], second["streams"]) == ("lotus", True, [])


def test_schools_are_told_in_pages(root: Root, database: TestDatabase) -> None:
    for number in range(3):
        connected(database, f"school-{number}")
    first = health(root, "?limit=2").json
    second = health(root, f"?limit=2&cursor={first['nextCursor']}").json
    names = [each["subdomain"] for page in (first, second) for each in page["schools"]]
    assert names == ["school-0", "school-1", "school-2"]
    assert "nextCursor" not in second
