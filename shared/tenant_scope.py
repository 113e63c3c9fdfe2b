"""Which school a transaction sees: set when it begins, gone when it ends."""

from typing import Any

from shared.one_flush import Statement

# The tenant of the transaction as the policies read it, for statements that name it too.
CURRENT_TENANT = "NULLIF(current_setting('app.current_tenant_id', true), '')::int"


def opening(tenant: str, *values: Any) -> Statement:
    """Opens a transaction that sees the tenant whose id the SQL `tenant` gives, and nobody for NULL."""
    return f"SELECT set_config('app.current_tenant_id', coalesce({tenant}::text, ''), true)", values


def of_tenant(tenant_id: int) -> Statement:
    """Opens a transaction that sees one tenant's rows."""
    return opening("$1", str(tenant_id))
