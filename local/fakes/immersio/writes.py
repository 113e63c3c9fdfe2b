"""What is written there: bookings and enrolments, by our uid, never an older version over a newer."""

import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from werkzeug.wrappers import Request

from local.fakes.immersio.lists import DELETED, Row
from local.fakes.immersio.refusals import Refused
from local.fakes.immersio.schools import School

_UID = re.compile(r"[!-~]{1,64}")


def _utc(text: str) -> str:
    datetime.fromisoformat(text)
    return text


RowId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
Time = Annotated[
    str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"), AfterValidator(_utc)
]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_utc)]
Version = Annotated[int, Field(ge=0, lt=1 << 53)]
PersonName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class BookingBody(Strict):
    course_id: RowId
    student_id: RowId
    start_at: Time
    end_at: Time
    status: Literal["pending", "accepted", "cancelled", "rejected"]
    paid: bool
    amount_minor: Annotated[int, Field(ge=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    version: Version


class StudentBody(Strict):
    id: RowId | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    given_name: PersonName | None = None
    family_name: str | None = None


class EnrollmentBody(Strict):
    course_id: RowId
    student: StudentBody
    role: Literal["student"]
    status: Literal["active", "inactive"]
    begin_date: Day
    end_date: Day
    version: Version


def put_booking(school: School, request: Request, uid: str, now: datetime) -> Row:
    """The booking as it is now. Raises Refused."""
    told = _body(request, BookingBody)
    with school.lock:
        _require(told.end_at > told.start_at, "invalid_times")
        _require(_is_live(school.courses.get(told.course_id)), "course_not_found")
        _require(_is_live(school.students.get(told.student_id)), "student_not_found")
        before = school.bookings.get(uid)
        content = told.model_dump()
        if _is_known(before, content):
            return school.bookings[uid]
        school.bookings[uid] = {"id": uid, **content, "updated_at": school.tick(now)}
        return _noted(school, "booking", uid, school.bookings[uid])


def put_enrollment(school: School, request: Request, uid: str, now: datetime) -> Row:
    """The enrolment as it is now; a student by address is made when nobody has it. Raises Refused."""
    told = _body(request, EnrollmentBody)
    with school.lock:
        _require(_is_live(school.courses.get(told.course_id)), "course_not_found")
        before = school.enrollments.get(school.pushed.get(uid, ""))
        content = told.model_dump(exclude={"student"})
        if before is not None and _is_known(before, content):
            return before
        student = _student(school, told.student, now)
        row = school.enroll(**content, student_id=student, source_ref=uid, now=now)
        return _noted(school, "enrollment", uid, row)


def delete_booking(school: School, uid: str, now: datetime) -> Row:
    """A tombstone, also of what was never there."""
    with school.lock:
        return _tombstone(school, "booking", school.bookings.get(uid), uid, now)


def delete_enrollment(school: School, uid: str, now: datetime) -> Row:
    with school.lock:
        row = school.enrollments.get(school.pushed.get(uid, ""))
        return _tombstone(school, "enrollment", row, uid, now)


def check_uid(uid: str) -> None:
    if not _UID.fullmatch(uid):
        raise Refused(422, "invalid_uid")


def _tombstone(school: School, kind: str, row: Row | None, uid: str, now: datetime) -> Row:
    if row is None:
        return {"id": uid, "status": DELETED}
    if row["status"] != DELETED:
        row |= {"status": DELETED, "updated_at": school.tick(now)}
        _noted(school, kind, uid, row)
    return row


def _is_known(before: Row | None, content: Row) -> bool:
    """The same again has no effect. Raises Refused for what is older, or other and not newer."""
    if before is None or content["version"] > before["version"]:
        return False
    if content == {name: before.get(name) for name in content}:
        return True
    raise Refused(409, "stale_version")


def _noted(school: School, kind: str, uid: str, row: Row) -> Row:
    school.writes.append({"kind": kind, "uid": uid, "version": row["version"], "status": row["status"]})
    return row


def _student(school: School, told: StudentBody, now: datetime) -> str:
    if told.id is not None:
        _require(_is_live(school.students.get(told.id)), "student_not_found")
        return told.id
    _require(bool(told.email and told.given_name), "student_unclear")
    email = str(told.email).lower()
    for student in school.students.values():
        if _is_live(student) and student["email"].lower() == email:
            return str(student["id"])
    made = {"id": f"stu_{len(school.students) + 1}", "email": email, "given_name": told.given_name}
    school.put_student({**made, "family_name": told.family_name or ""}, now)
    return made["id"] or ""


def _is_live(row: Row | None) -> bool:
    return row is not None and row["status"] != DELETED


def _require(held: bool, code: str) -> None:  # noqa: FBT001  # what must hold
    if not held:
        raise Refused(422, code)


def _body(request: Request, model: type[Any]) -> Any:
    if request.mimetype != "application/json":
        raise Refused(415, "unsupported_media_type")
    try:
        return model.model_validate(json.loads(request.get_data()))
    except ValidationError as error:
        raise Refused(422, "invalid_body", error.errors()[0]["msg"]) from None
    except ValueError:
        raise Refused(400, "malformed_body") from None
