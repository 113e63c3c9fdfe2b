"""The mail is written: the link in it is new, and those of earlier mails are void."""

from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection, text

DAYS = 7

# Whoever was added to the staff without an invitation has one from the first mail on. From whom it was taken
# back is locked, so no mail is written; unlocked, they are invited anew.
_RENEW = text(f"""
    INSERT INTO "Invitation" AS i ("tenantId", "userId", "tokenHash", "sentAt", "expiresAt")
    VALUES (:tenant, :user, :hash, CURRENT_TIMESTAMP AT TIME ZONE 'UTC',
            CURRENT_TIMESTAMP AT TIME ZONE 'UTC' + interval '{DAYS} days')
    ON CONFLICT ("tenantId", "userId") DO UPDATE SET "tokenHash" = excluded."tokenHash",
           "sentAt" = excluded."sentAt", "expiresAt" = excluded."expiresAt", "revokedAt" = NULL
    WHERE i."acceptedAt" IS NULL
    RETURNING id
""")  # noqa: S608  # only the constant above is put in


def token_hash(token: str) -> str:
    return sha256(token.encode(errors="surrogatepass")).hexdigest()


def renew_token(connection: Connection, tenant_id: int, user_id: int) -> str | None:
    """A token of 192 bits for seven days; None when nobody waits for it any more."""
    token = token_urlsafe(24)
    renewed = connection.execute(
        _RENEW, {"tenant": tenant_id, "user": user_id, "hash": token_hash(token)}
    ).scalar_one_or_none()
    return token if renewed is not None else None
