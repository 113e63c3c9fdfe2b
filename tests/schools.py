"""Schools for tests, written straight into the tables as an owner would."""

from dataclasses import dataclass, field
from typing import Any

from tests.databases import TestDatabase

WEEKDAYS = [1, 2, 3, 4, 5]


@dataclass
class School:
    """A tenant with the ids a test needs."""

    database: TestDatabase
    subdomain: str
    id: int
    admin_id: int
    teacher_id: int
    schedule_id: int
    lesson_id: int
    teachers: list[int] = field(default_factory=list)

    @property
    def admin_email(self) -> str:
        return f"admin@{self.subdomain}.test"

    def change(self, table: str, row_id: int, **values: Any) -> None:
        """Set columns of a row of this school."""
        columns = ", ".join(f'"{column}" = :{column}' for column in values)
        self.database.rows(
            f'UPDATE "{table}" SET {columns} WHERE id = :row_id AND ' + _own(table),
            row_id=row_id,
            tenant=self.id,
            **values,
        )

    def change_as_calcom(self, table: str, row_id: int, **values: Any) -> None:
        """The same for values that Cal.com's tools may write and ours may not: times and enums as text."""
        casts = {"periodType": '"PeriodType"', "periodStartDate": "timestamp", "periodEndDate": "timestamp"}
        columns = ", ".join(f'"{name}" = CAST(:{name} AS {casts.get(name, "int")})' for name in values)
        self.database.rows(f'UPDATE "{table}" SET {columns} WHERE id = :row_id', row_id=row_id, **values)

    def add_teacher(
        self,
        *,
        time_zone: str = "America/New_York",
        start: str = "09:00",
        end: str = "17:00",
        days: list[int] | None = None,
    ) -> int:
        """A teacher who teaches the lesson in weekly hours; returns the id."""
        number = len(self.teachers) + 1
        teacher, schedule = _teacher(self.database, self, number, time_zone)
        self.add_hours(schedule, start=start, end=end, days=WEEKDAYS if days is None else days)
        self._assign(teacher, self.lesson_id)
        self.teachers.append(teacher)
        return teacher

    def add_hours(
        self,
        schedule_id: int,
        *,
        start: str,
        end: str,
        days: list[int] | None = None,
        date: str | None = None,
    ) -> None:
        """Weekly hours by days (0 is Sunday), or those of one date."""
        self.database.rows(
            """INSERT INTO "Availability" ("tenantId", "scheduleId", days, date, "startTime", "endTime")
               VALUES (:t, :s, CAST(:days AS integer[]), CAST(:date AS date),
                       CAST(:start AS time), CAST(:end AS time))""",
            t=self.id,
            s=schedule_id,
            days=None if days is None else "{" + ",".join(map(str, days)) + "}",
            date=date,
            start=start,
            end=end,
        )

    def add_event_type(self, slug: str, *, length: int = 30, **values: Any) -> int:
        """Another free lesson, taught by every teacher there is so far; returns the id."""
        made = self.database.value(
            """INSERT INTO "EventType" ("tenantId", title, slug, length, "minimumBookingNotice", "userId")
               VALUES (:t, :title, :slug, :length, 0, :owner) RETURNING id""",
            t=self.id,
            title=slug.capitalize(),
            slug=slug,
            length=length,
            owner=self.admin_id,
        )
        for teacher in self.teachers:
            self._assign(teacher, made)
        if values:
            self.change("EventType", made, **values)
        return int(made)

    def _assign(self, teacher: int, event_type: int) -> None:
        self.database.rows(
            """INSERT INTO "TeacherCourseAssignment"
               ("tenantId", "eventTypeId", "teacherId", "isPublished") VALUES (:t, :e, :u, true)""",
            t=self.id,
            e=event_type,
            u=teacher,
        )

    def allow(self, email: str, event_type_id: int | None = None) -> None:
        """Put an address on the whitelist of an event type (the lesson's unless told)."""
        self.database.rows(
            'INSERT INTO "WhitelistEntry" ("tenantId", "eventTypeId", email) VALUES (:t, :e, :m)',
            t=self.id,
            e=event_type_id or self.lesson_id,
            m=email,
        )


def make_school(
    database: TestDatabase,
    subdomain: str,
    *,
    time_zone: str = "America/New_York",
    start: str = "09:00",
    end: str = "17:00",
    days: list[int] | None = None,
) -> School:
    """A school on the plan PRO with one teacher and one free lesson of 30 minutes without notice."""
    tenant = database.value(
        """INSERT INTO "Tenant" (name, subdomain, "subscriptionPlan", "maxTeachers")
           VALUES (:name, :subdomain, 'PRO', 50) RETURNING id""",
        name=subdomain.capitalize(),
        subdomain=subdomain,
    )
    admin = database.value(
        """INSERT INTO users (email, name, "tenantId", "tenantRole", uuid)
           VALUES (:email, 'Ada Admin', :t, 'TENANT_ADMIN', gen_random_uuid()) RETURNING id""",
        email=f"admin@{subdomain}.test",
        t=tenant,
    )
    lesson = database.value(
        """INSERT INTO "EventType" ("tenantId", title, slug, length, "minimumBookingNotice", "userId")
           VALUES (:t, 'Conversation', 'conversation', 30, 0, :owner) RETURNING id""",
        t=tenant,
        owner=admin,
    )
    school = School(database, subdomain, tenant, admin, 0, 0, lesson)
    school.teacher_id = school.add_teacher(time_zone=time_zone, start=start, end=end, days=days)
    school.schedule_id = database.value(
        'SELECT "defaultScheduleId" FROM users WHERE id = :u', u=school.teacher_id
    )
    return school


def _teacher(database: TestDatabase, school: School, number: int, time_zone: str) -> tuple[int, int]:
    teacher = database.value(
        """INSERT INTO users (email, name, "timeZone", "tenantId", "tenantRole", uuid)
           VALUES (:email, :name, :zone, :t, 'TEACHER', gen_random_uuid()) RETURNING id""",
        email=f"teacher{number}@{school.subdomain}.test",
        name=f"Teacher {number}",
        zone=time_zone,
        t=school.id,
    )
    schedule = database.value(
        """INSERT INTO "Schedule" ("tenantId", "userId", name, "timeZone")
           VALUES (:t, :u, 'Working hours', :zone) RETURNING id""",
        t=school.id,
        u=teacher,
        zone=time_zone,
    )
    database.rows('UPDATE users SET "defaultScheduleId" = :s WHERE id = :u', s=schedule, u=teacher)
    return teacher, schedule


def _own(table: str) -> str:
    return "id = :tenant" if table == "Tenant" else '"tenantId" = :tenant'
