"""The mail that tells somebody of the staff what has happened at their school."""

from datetime import UTC
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, text

from shared.fields import EMAIL
from shared.notifications.envelope import Sender, compose, one_line
from shared.notifications.news import NewsNotUnderstood
from shared.notifications.notices import NOTICES, Payload
from shared.notifications.render_letter import language_of, render_letter
from shared.notifications.told_booking import Person

_READER = text("""
    SELECT u.name, u.email, u.locale, t.name AS school,
           coalesce(NULLIF(t."customDomain", ''), t.subdomain || '.' || CAST(:base_domain AS text)) AS host
    FROM users u JOIN "Tenant" t ON t.id = u."tenantId"
    WHERE u.id = :user AND u."tenantId" = :tenant AND NOT u.locked
""")


def write_notice(
    connection: Connection, tenant_id: int, message_id: int, topic: str, payload: Payload, sender: Sender
) -> EmailMessage | None:
    """The mail; None when it is not true any more, or its reader has left.

    `payload` has `userId` and what the topic's facts ask for; `message_id` is the outbox's, so that the same
    mail sent twice is folded into one. Raises NewsNotUnderstood.
    """
    if not isinstance(payload.get("userId"), int):
        raise NewsNotUnderstood("userId")
    notice = NOTICES[topic]
    asked = {"tenant": tenant_id, "user": payload["userId"], "base_domain": sender.base_domain}
    row = connection.execute(_READER, asked).one_or_none()
    if row is None or not EMAIL.fullmatch(row.email):
        return None
    reader = Person(row.name or "", row.email, UTC, row.locale or "en")
    language = language_of(reader.locale)
    facts = notice.facts(connection, tenant_id, payload, language)
    if facts is None:
        return None
    letter = render_letter(notice.template, language, _words(row, facts, sender), layout="notice")
    kind = f"notice-{message_id}"
    return compose(sender, row.school, reader.email, letter, None, subject_id=kind, thread_id=kind)


def _words(row: Any, facts: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """Texts are one line each; `link` is where the reader goes on: the `path` of the facts, or empty."""
    told = {name: one_line(value) if isinstance(value, str) else value for name, value in facts.items()}
    home = sender.url_of(row.host)
    return {
        "name": one_line(row.name or ""),
        "school": one_line(row.school),
        "home": home,
        "link": f"{home}{facts['path']}" if "path" in facts else "",
        **told,
    }
