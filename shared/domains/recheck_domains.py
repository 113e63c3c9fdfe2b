"""Once a day each domain has to prove itself again; one whose record is gone for a week is released."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

from shared.clients.dns_txt import DnsUnavailable, TxtResolver
from shared.database import in_platform
from shared.domains.prove_domain import is_proven
from shared.domains.release_domain import release_domain
from shared.domains.schemas import CHALLENGE_LABEL, DnsRecord
from shared.notifications.tell_staff import tell_admins

BETWEEN_CHECKS = timedelta(days=1)
GRACE = timedelta(days=7)
QUARANTINE = timedelta(days=30)
BATCH = 20

_AT = "CAST(:at AS timestamptz) AT TIME ZONE 'UTC'"
DUE = text(f"""
    SELECT id, "tenantId" AS tenant_id, domain, challenge, "missingSince" AS missing_since
    FROM "CustomDomain" WHERE status = 'ACTIVE' AND "checkedAt" < {_AT} ORDER BY "checkedAt", id LIMIT {BATCH}
""")  # noqa: S608  # only the constants above are put in
CHECKED = text(f"""
    UPDATE "CustomDomain" SET "checkedAt" = {_AT},
           "missingSince" = CASE WHEN CAST(:proven AS boolean) THEN NULL
                                 WHEN CAST(:known AS boolean) THEN coalesce("missingSince", {_AT})
                                 ELSE "missingSince" END
    WHERE id = :id AND "tenantId" = :tenant AND status = 'ACTIVE'
""")  # noqa: S608  # the same
FORGET = text(f"""
    DELETE FROM "CustomDomain" WHERE status = 'RELEASED' AND "releasedAt" < {_AT}
""")  # noqa: S608  # the same


@dataclass(slots=True)
class Rechecked:
    """Counts of domains; of the `unknown` ones DNS said nothing."""

    proven: int = 0
    missing: int = 0
    released: int = 0
    unknown: int = 0


def recheck_domains(
    database: Engine, resolver: TxtResolver, now: datetime, has_time: Callable[[], bool]
) -> Rechecked:
    """Look at those that are due, the longest unseen first, and forget quarantines that are over."""
    counted = Rechecked()
    in_platform(database, lambda c: c.execute(FORGET, {"at": now - QUARANTINE}))
    due = in_platform(database, lambda c: c.execute(DUE, {"at": now - BETWEEN_CHECKS}).all())
    for row in due:
        if not has_time():
            break
        _recheck(database, resolver, row, now, counted)
    return counted


def _recheck(
    database: Engine, resolver: TxtResolver, row: Row[Any], now: datetime, counted: Rechecked
) -> None:
    """DNS is asked outside of the transaction."""
    record = DnsRecord(name=f"{CHALLENGE_LABEL}.{row.domain}", value=row.challenge)
    try:
        proven, known = is_proven(resolver, record), True
    except DnsUnavailable:
        proven, known = False, False
    seen = {"id": row.id, "tenant": row.tenant_id, "at": now, "proven": proven, "known": known}

    def settle(connection: Connection) -> str:
        if not connection.execute(CHECKED, seen).rowcount:
            # Released meanwhile: by now the school may have another one.
            return "unknown"
        return _outcome(connection, row, now, proven=proven, known=known)

    outcome = in_platform(database, settle)
    setattr(counted, outcome, getattr(counted, outcome) + 1)


def _outcome(connection: Connection, row: Row[Any], now: datetime, *, proven: bool, known: bool) -> str:
    """What becomes of it; its school is told of the first day without the record, and of the end."""
    if proven or not known:
        return "proven" if proven else "unknown"
    if row.missing_since is None:
        tell_admins(connection, row.tenant_id, "domain.missing", {"domainId": row.id, "status": "ACTIVE"})
        return "missing"
    if row.missing_since.replace(tzinfo=UTC) + GRACE > now:
        return "missing"
    release_domain(connection, row.tenant_id, None, now)
    tell_admins(connection, row.tenant_id, "domain.released", {"domainId": row.id, "status": "RELEASED"})
    return "released"
