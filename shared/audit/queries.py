"""Reading the trail of a school's administration."""

from sqlalchemy import BigInteger, Connection, Integer, Text, bindparam, text

from shared.audit.schemas import AuditEventView, AuditQuery, AuditTrail

_PAGE = text("""
    SELECT a.id, a."createdAt" AT TIME ZONE 'UTC' AS at, a.actor, a."actorId" AS actor_id,
           u.name AS actor_name, a.action, a."subjectType" AS subject_type, a."subjectId" AS subject_id,
           a.changes
    FROM "AuditEvent" a LEFT JOIN users u ON u.id = a."actorId" AND u."tenantId" = a."tenantId"
    WHERE a."tenantId" = :tenant AND (CAST(:before AS bigint) IS NULL OR a.id < :before)
      AND (CAST(:subject_type AS text) IS NULL OR a."subjectType" = :subject_type)
      AND (CAST(:subject_id AS text) IS NULL OR a."subjectId" = :subject_id)
      AND (CAST(:actor AS int) IS NULL OR a."actorId" = :actor)
      AND (CAST(:action AS text) IS NULL OR a.action = :action)
      AND (CAST(:since AS timestamptz) IS NULL
           OR a."createdAt" >= CAST(:since AS timestamptz) AT TIME ZONE 'UTC')
      AND (CAST(:until AS timestamptz) IS NULL
           OR a."createdAt" < CAST(:until AS timestamptz) AT TIME ZONE 'UTC')
    ORDER BY a.id DESC LIMIT :limit
""").bindparams(
    bindparam("before", type_=BigInteger),
    bindparam("actor", type_=Integer),
    *(bindparam(name, type_=Text) for name in ("subject_type", "subject_id", "action")),
)


def list_audit_events(connection: Connection, tenant_id: int, query: AuditQuery) -> AuditTrail:
    """A page of what was done, the newest first."""
    rows = connection.execute(_PAGE, {
        "tenant": tenant_id,
        "before": query.cursor,
        "subject_type": query.subject_type,
        "subject_id": query.subject_id,
        "actor": query.actor_id,
        "action": query.action,
        "since": query.since,
        "until": query.until,
        "limit": query.limit + 1,
    }).mappings().all()  # fmt: skip
    shown = [AuditEventView(**row) for row in rows[: query.limit]]
    more = len(rows) > query.limit
    return AuditTrail(events=shown, next_cursor=str(shown[-1].id) if more else None)
