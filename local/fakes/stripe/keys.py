"""Who calls: the key, the account that it speaks for, and what it may do there."""

import hashlib
import re
from dataclasses import dataclass

from werkzeug.wrappers import Request

from local.fakes.stripe.answers import StripeError, new_id
from local.fakes.stripe.state import Account

_TEST_KEY = re.compile(r"(?:sk|rk)_test_[A-Za-z0-9_]+", re.ASCII)


@dataclass
class ApiKey:
    """`permissions` of a restricted key, like `refund_write`; None: all."""

    account: str
    permissions: frozenset[str] | None = None
    expired: bool = False

    def may(self, permission: str) -> bool:
        # Who may write may read.
        resource = permission.rpartition("_")[0]
        return self.permissions is None or not self.permissions.isdisjoint({permission, f"{resource}_write"})


@dataclass
class Accounts:
    """Keys and accounts; a test key is known from its first use, with an account of its own."""

    keys: dict[str, ApiKey]
    by_id: dict[str, Account]

    def of_key(self, text: str, now: int) -> Account:
        if text not in self.keys:
            account_id = f"acct_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
            self.keys[text] = ApiKey(account_id)
            self.by_id.setdefault(account_id, Account(account_id, now))
        return self.by_id[self.keys[text].account]

    def new(self, now: int) -> Account:
        account = Account(new_id("acct"), now)
        self.by_id[account.id] = account
        return account

    def owner_of(self, thing: str) -> Account:
        """Whose thing an id names; only the control plane may ask that."""
        for account in self.by_id.values():
            if thing in account.things or thing in account.events:
                return account
        raise StripeError(404, f"No such thing: '{thing}'", "resource_missing", "id")

    def called(self, request: Request, permission: str, now: int) -> tuple[str, Account]:
        """The key's text, and the account that the call is about. Raises StripeError 401 and 403."""
        text = api_key_of(request)
        own = self.of_key(text, now)
        key = self.keys[text]
        if key.expired:
            raise StripeError(401, f"Expired API Key provided: {masked(text)}", "api_key_expired")
        account = self._on_behalf(request, text, own)
        if not key.may(permission):
            message = (
                f"The provided key '{masked(text)}' does not have the required permissions for this endpoint "
                f"on account '{account.id}'. Having the 'rak_{permission}' permission would allow it."
            )
            raise StripeError(403, message)
        return text, account

    def _on_behalf(self, request: Request, text: str, own: Account) -> Account:
        """A platform may act for the accounts that are connected to it."""
        named = request.headers.get("Stripe-Account", own.id)
        if named != own.id and named not in own.connected:
            message = f"The provided key '{masked(text)}' does not have access to account '{named[:40]}'"
            raise StripeError(403, f"{message} (or that account does not exist).", "account_invalid")
        return self.by_id[named]


def masked(key: str) -> str:
    return f"{key[:7]}****"


def api_key_of(request: Request) -> str:
    """The caller's test key, as bearer token or as Basic user name; refuses every other kind of key."""
    given = request.authorization
    key = (given.token if given and given.type == "bearer" else given and given.username) or ""
    if not key:
        raise StripeError(401, "You did not provide an API key.")
    if key.startswith(("sk_live_", "rk_live_")):
        raise StripeError(401, "A live key has no business on this machine.", "livemode_mismatch")
    if key.startswith("pk_"):
        raise StripeError(401, "This call cannot be made with a publishable key.", "secret_key_required")
    if not _TEST_KEY.fullmatch(key):
        raise StripeError(401, f"Invalid API Key provided: {masked(key)}")
    return key
