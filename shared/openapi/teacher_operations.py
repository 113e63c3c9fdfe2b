"""The operations of those who teach."""

from shared.errors import InvalidRequest, NotFound, PreconditionFailed, TooManyRequests
from shared.openapi.operation import OF_CHANGES_BY_STAFF, OF_STAFF, ONCE, Operation
from shared.staff.errors import EmailTaken
from shared.teachers.errors import NoSuchTeacher, TeacherLocked
from shared.teachers.schemas import (
    LockedTeacher,
    NewTeacher,
    TeacherChanges,
    TeacherOfStaff,
    TeachersOfStaff,
    TeachersQuery,
)
from shared.tenants.errors import PlanLimitReached, TenantSuspended

TESS = {
    "id": 2,
    "name": "Tess Teacher",
    "email": "tess@aurora.example",
    "timeZone": "America/New_York",
    "locale": "en",
    "defaultScheduleId": 1,
    "isLocked": False,
    "createdAt": "2026-11-22T09:15:00Z",
}
TO_COME = {
    "upcomingBookings": [{"uid": "019ab3c44e7a3f5b0c6d8e9fa1b2c3d4", "title": "Conversation",
                          "start": "2026-11-23T14:00:00Z", "end": "2026-11-23T14:30:00Z"}],
    "upcomingSessions": [],
}  # fmt: skip
OF_ONE = (*OF_STAFF, NotFound, NoSuchTeacher)

OF_TEACHERS = (
    Operation("GET", "/v1/admin/teachers", "listTeachers", "Those who teach", "Teachers", TeachersOfStaff,
              query=TeachersQuery, security="StaffToken", problems=(*OF_STAFF, InvalidRequest),
              example={"teachers": [TESS]}),
    Operation("POST", "/v1/admin/teachers", "createTeacher",
              "Take on a teacher, with hours to begin with; they are invited by mail", "Teachers",
              TeacherOfStaff, status=201, body=NewTeacher, security="StaffToken", idempotent=True,
              tagged=True, problems=(*OF_CHANGES_BY_STAFF, *ONCE, EmailTaken, PlanLimitReached),
              example=TESS),
    Operation("GET", "/v1/admin/teachers/{id}", "getTeacher", "A teacher, with their ETag", "Teachers",
              TeacherOfStaff, security="StaffToken", tagged=True, problems=OF_ONE, example=TESS),
    Operation("PATCH", "/v1/admin/teachers/{id}", "changeTeacher", "Change who a teacher is", "Teachers",
              TeacherOfStaff, body=TeacherChanges, security="StaffToken", tagged=True,
              problems=(*OF_CHANGES_BY_STAFF, NotFound, NoSuchTeacher, PreconditionFailed,
                        EmailTaken), example=TESS),
    Operation("POST", "/v1/admin/teachers/{id}/invite", "inviteTeacher", "Send the invitation again",
              "Teachers", TeacherOfStaff, security="StaffToken",
              problems=(*OF_ONE, TenantSuspended, TeacherLocked, TooManyRequests), example=TESS),
    Operation("POST", "/v1/admin/teachers/{id}/lock", "lockTeacher",
              "Not booked any more, and not signed in; what is booked is told and not cancelled",
              "Teachers", LockedTeacher, security="StaffToken", problems=OF_ONE,
              example={**TESS, "isLocked": True, **TO_COME}),
    Operation("POST", "/v1/admin/teachers/{id}/unlock", "unlockTeacher", "Booked and signed in again",
              "Teachers", TeacherOfStaff, security="StaffToken",
              problems=(*OF_ONE, TenantSuspended, PlanLimitReached), example=TESS),
)  # fmt: skip
