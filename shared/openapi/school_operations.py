"""The operations of how a school shows itself, wants things done, and of who changed what."""

from shared.audit.schemas import AuditQuery, AuditTrail
from shared.errors import InvalidRequest, NotFound, PreconditionFailed
from shared.landing.schemas import LandingOfStaff, LandingTemplates, LandingTerms
from shared.openapi.operation import OF_CHANGES_BY_STAFF, OF_STAFF, Operation
from shared.school_settings.schemas import SettingsChanges, SettingsOfStaff
from shared.students.errors import StudentNotFound
from shared.students.schemas import StudentsOfStaff, StudentsQuery, StudentWithBookings
from shared.tenants.errors import PlanLimitReached

PAGE = {
    "templateId": 1,
    "primaryColor": "#3B82F6",
    "logoUrl": "https://images.example.com/aurora/logo.png",
    "pageTitle": "Aurora",
    "ctaButtonText": "Book Now",
    "socialLinks": {"facebook": "https://www.facebook.com/aurora"},
    "published": True,
    "updatedAt": "2026-11-22T09:15:00Z",
}
DESIGN = {
    "id": 1,
    "name": "Education Center",
    "description": "Professional template for language centers",
    "previewImage": "/templates/education-center.jpg",
    "available": True,
}
SETTINGS = {
    "name": "Aurora",
    "subdomain": "aurora",
    "locale": "en",
    "timeZone": "Europe/Paris",
    "replyTo": "hello@aurora.example",
    "waitlistOfferHours": 12,
}
MAI = {
    "id": 7,
    "name": "Mai Nguyen",
    "email": "mai@example.com",
    "timeZone": "Asia/Ho_Chi_Minh",
    "locale": "vi",
    "isLocked": False,
    "createdAt": "2026-11-22T09:15:00Z",
}
RENAMED = {
    "id": 12,
    "at": "2026-11-22T09:15:00Z",
    "actor": "STAFF",
    "actorId": 3,
    "actorName": "Ada Admin",
    "action": "eventType.updated",
    "subjectType": "eventType",
    "subjectId": "1",
    "changes": {"title": {"before": "Talk", "after": "Conversation"}},
}

OF_SCHOOLS = (
    Operation("GET", "/v1/admin/landing", "getLanding", "The landing page, with its ETag", "School",
              LandingOfStaff, security="StaffToken", tagged=True, problems=OF_STAFF, example=PAGE),
    Operation("PUT", "/v1/admin/landing", "putLanding", "Set the landing page up as a whole", "School",
              LandingOfStaff, body=LandingTerms, security="StaffToken", tagged=True,
              problems=(*OF_CHANGES_BY_STAFF, PreconditionFailed, PlanLimitReached), example=PAGE),
    Operation("GET", "/v1/admin/landing/templates", "listLandingTemplates",
              "The designs, and which of them the plan has", "School", LandingTemplates,
              security="StaffToken", problems=OF_STAFF, example={"templates": [DESIGN]}),
    Operation("GET", "/v1/admin/settings", "getSettings", "The school's settings, with their ETag", "School",
              SettingsOfStaff, security="StaffToken", tagged=True, problems=OF_STAFF, example=SETTINGS),
    Operation("PATCH", "/v1/admin/settings", "changeSettings", "Change the school's settings", "School",
              SettingsOfStaff, body=SettingsChanges, security="StaffToken", tagged=True,
              problems=(*OF_CHANGES_BY_STAFF, PreconditionFailed), example=SETTINGS),
    Operation("GET", "/v1/admin/students", "listStudents", "Students with an account", "School",
              StudentsOfStaff, query=StudentsQuery, security="StaffToken",
              problems=(*OF_STAFF, InvalidRequest), example={"students": [MAI]}),
    Operation("GET", "/v1/admin/students/{id}", "getStudent", "A student, and how much they book", "School",
              StudentWithBookings, security="StaffToken", problems=(*OF_STAFF, NotFound, StudentNotFound),
              example={**MAI, "bookings": 3, "upcomingBookings": 1}),
    Operation("GET", "/v1/admin/audit", "listAuditEvents", "Who changed what, the newest first", "School",
              AuditTrail, query=AuditQuery, security="StaffToken", problems=(*OF_STAFF, InvalidRequest),
              example={"events": [RENAMED], "nextCursor": "12"}),
)  # fmt: skip
