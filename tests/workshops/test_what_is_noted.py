"""Who planned a workshop, and who called one of its sessions off, is noted."""

from tests.functions import Api
from tests.workshops.workshop import Workshop

WEEKLY = {"frequency": "WEEKLY", "count": 3, "start": "2035-01-09T10:00"}


def test_planning_and_calling_off_are_noted_once(admin_api: Api, api: Api, workshop: Workshop) -> None:
    assert workshop.put_rule(admin_api, **WEEKLY).status == 200
    assert api.post("/v1/bookings", workshop.seat()).status == 201
    for _ in range(2):
        path = f"{workshop.admin_path}/sessions/1/cancel"
        assert admin_api.post(path, {}, claims=workshop.claims).status == 200
    planned, called_off = workshop.school.database.rows(
        'SELECT action, "subjectType" AS type, "subjectId" AS id, changes FROM "AuditEvent" ORDER BY id'
    )
    assert (planned["action"], planned["id"]) == ("eventType.planned", str(workshop.id))
    assert planned["changes"]["recurrence"]["after"]["count"] == 3
    assert called_off == {
        "action": "session.cancelled",
        "type": "session",
        "id": f"{workshop.id}/1",
        "changes": {"bookingsCancelled": 1},
    }
