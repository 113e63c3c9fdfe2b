"""The operations of hours, absences and assignments."""

from shared.absences.errors import AbsenceNotFound
from shared.absences.schemas import (
    AbsenceChanges,
    AbsenceOfStaff,
    AbsencesOfStaff,
    AbsencesQuery,
    NewAbsence,
)
from shared.assignments.errors import AlreadyAssigned, AssignmentNotFound
from shared.assignments.schemas import (
    AssignmentChanges,
    AssignmentOfStaff,
    AssignmentsOfStaff,
    AssignmentsQuery,
    NewAssignment,
)
from shared.errors import InvalidRequest, NotFound, PreconditionFailed, Problem
from shared.event_types.errors import EventTypeNotFound
from shared.openapi.operation import OF_CHANGES_BY_STAFF, OF_STAFF, ONCE, Operation
from shared.schedules.errors import ScheduleInUse, ScheduleNotFound
from shared.schedules.schemas import (
    NewSchedule,
    ScheduleChanges,
    ScheduleOfStaff,
    SchedulesOfStaff,
    SchedulesQuery,
)
from shared.staff.schemas import ADMINS, STAFF
from shared.teachers.errors import NoSuchTeacher
from shared.tenants.errors import TenantSuspended

TESS = {"id": 2, "name": "Tess Teacher"}
HOURS = {
    "id": 1,
    "teacher": TESS,
    "name": "Term time",
    "timeZone": "America/New_York",
    "weekly": [{"days": [1, 2, 3, 4, 5], "start": "09:00", "end": "17:00"}],
    "overrides": [{"date": "2026-12-23", "start": "09:00", "end": "12:00"}, {"date": "2026-12-24"}],
    "isDefault": True,
}
AWAY = {"id": 1, "teacher": TESS, "start": "2026-12-24", "end": "2027-01-02",
        "createdAt": "2026-11-22T09:15:00Z"}  # fmt: skip
ASSIGNED = {
    "id": 1,
    "eventType": {"id": 1, "title": "Conversation", "slug": "conversation"},
    "teacher": TESS,
    "scheduleId": 1,
    "recurrenceRule": {"freq": "WEEKLY", "interval": 2, "dtstart": "2027-01-11"},
    "isPublished": True,
    "createdAt": "2026-11-22T09:15:00Z",
    "updatedAt": "2026-11-22T09:15:00Z",
}


def _one(*missing: type[Problem]) -> tuple[type[Problem], ...]:
    return (*OF_STAFF, NotFound, *missing)


def _changed(*missing: type[Problem]) -> tuple[type[Problem], ...]:
    return (*OF_CHANGES_BY_STAFF, NotFound, PreconditionFailed, *missing)


def _removed(*missing: type[Problem]) -> tuple[type[Problem], ...]:
    return (*OF_STAFF, TenantSuspended, NotFound, PreconditionFailed, *missing)


OF_SCHEDULES = (
    Operation("GET", "/v1/admin/schedules", "listSchedules", "Hours; a teacher's their own", "Schedules",
              SchedulesOfStaff, query=SchedulesQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest), example={"schedules": [HOURS]}),
    Operation("POST", "/v1/admin/schedules", "createSchedule", "Another set of hours for a teacher",
              "Schedules", ScheduleOfStaff, status=201, body=NewSchedule, security="StaffToken", roles=STAFF,
              idempotent=True, tagged=True, problems=(*OF_CHANGES_BY_STAFF, *ONCE, NoSuchTeacher),
              example=HOURS),
    Operation("GET", "/v1/admin/schedules/{id}", "getSchedule", "A set of hours, with its ETag",
              "Schedules", ScheduleOfStaff, security="StaffToken", roles=STAFF, tagged=True,
              problems=_one(ScheduleNotFound), example=HOURS),
    Operation("PATCH", "/v1/admin/schedules/{id}", "changeSchedule",
              "Change hours from now on; what is booked stays", "Schedules", ScheduleOfStaff,
              body=ScheduleChanges, security="StaffToken", roles=STAFF, tagged=True,
              problems=_changed(ScheduleNotFound), example=HOURS),
    Operation("DELETE", "/v1/admin/schedules/{id}", "deleteSchedule", "Delete hours that nothing uses",
              "Schedules", None, status=204, security="StaffToken", roles=STAFF, tagged=True,
              problems=_removed(ScheduleNotFound, ScheduleInUse)),
    Operation("GET", "/v1/admin/out-of-office", "listAbsences", "Absences; a teacher's their own",
              "Schedules", AbsencesOfStaff, query=AbsencesQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest), example={"absences": [AWAY]}),
    Operation("POST", "/v1/admin/out-of-office", "createAbsence",
              "Offer nothing of a teacher's on some days; what is booked stays", "Schedules",
              AbsenceOfStaff, status=201, body=NewAbsence, security="StaffToken", roles=STAFF,
              idempotent=True, tagged=True, problems=(*OF_CHANGES_BY_STAFF, *ONCE, NoSuchTeacher),
              example=AWAY),
    Operation("GET", "/v1/admin/out-of-office/{id}", "getAbsence", "An absence, with its ETag",
              "Schedules", AbsenceOfStaff, security="StaffToken", roles=STAFF, tagged=True,
              problems=_one(AbsenceNotFound), example=AWAY),
    Operation("PATCH", "/v1/admin/out-of-office/{id}", "changeAbsence", "Change an absence", "Schedules",
              AbsenceOfStaff, body=AbsenceChanges, security="StaffToken", roles=STAFF, tagged=True,
              problems=_changed(AbsenceNotFound), example=AWAY),
    Operation("DELETE", "/v1/admin/out-of-office/{id}", "deleteAbsence", "They are not away after all",
              "Schedules", None, status=204, security="StaffToken", roles=STAFF, tagged=True,
              problems=_removed(AbsenceNotFound)),
    Operation("GET", "/v1/admin/assignments", "listAssignments", "Who teaches what; a teacher's their own",
              "Schedules", AssignmentsOfStaff, query=AssignmentsQuery, security="StaffToken", roles=STAFF,
              problems=(*OF_STAFF, InvalidRequest), example={"assignments": [ASSIGNED]}),
    Operation("POST", "/v1/admin/assignments", "createAssignment", "Let a teacher teach an event type",
              "Schedules", AssignmentOfStaff, status=201, body=NewAssignment, security="StaffToken",
              roles=ADMINS, idempotent=True, tagged=True,
              problems=(*OF_CHANGES_BY_STAFF, *ONCE, EventTypeNotFound, NoSuchTeacher, ScheduleNotFound,
                        AlreadyAssigned),
              example=ASSIGNED),
    Operation("GET", "/v1/admin/assignments/{id}", "getAssignment", "An assignment, with its ETag",
              "Schedules", AssignmentOfStaff, security="StaffToken", roles=STAFF, tagged=True,
              problems=_one(AssignmentNotFound), example=ASSIGNED),
    Operation("PATCH", "/v1/admin/assignments/{id}", "changeAssignment",
              "In other hours, on other days, or not for the moment", "Schedules", AssignmentOfStaff,
              body=AssignmentChanges, security="StaffToken", tagged=True,
              problems=_changed(AssignmentNotFound, ScheduleNotFound), example=ASSIGNED),
    Operation("DELETE", "/v1/admin/assignments/{id}", "deleteAssignment",
              "They teach it no more; what is booked stays", "Schedules", None, status=204,
              security="StaffToken", tagged=True, problems=_removed(AssignmentNotFound)),
)  # fmt: skip
