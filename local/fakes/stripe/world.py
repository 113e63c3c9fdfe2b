"""All of the fake Stripe: its accounts, its clock, and what is about to be sent."""

import heapq
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from local.fakes.stripe.courier import Courier
from local.fakes.stripe.delivery import Endpoint
from local.fakes.stripe.documents import document_of
from local.fakes.stripe.documents.events import event_document
from local.fakes.stripe.faults import Fault
from local.fakes.stripe.idempotency import Idempotency
from local.fakes.stripe.keys import Accounts
from local.fakes.stripe.state import Account, Session, Thing
from local.fakes.waiting_faults import WaitingFaults

Letter = tuple[Account, Endpoint, dict[str, Any]]


@dataclass
class World:
    """Every change is made while `lock` is held, which is free while somebody waits or is told.

    `cause` is the call (request id, idempotency key) that is being served; `expiries` are the ends of
    sessions, soonest first.
    """

    courier: Courier
    accounts: Accounts = field(default_factory=lambda: Accounts({}, {}))
    faults: WaitingFaults[Fault] = field(default_factory=WaitingFaults)
    kept: Idempotency = field(default_factory=Idempotency)
    lock: threading.RLock = field(default_factory=threading.RLock)
    clock_offset: int = 0
    cause: tuple[str | None, str | None] = (None, None)
    expiries: list[tuple[int, str, str]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    _outgoing: list[Letter] = field(default_factory=list)

    def now(self) -> int:
        return int(time.time()) + self.clock_offset

    def account_of(self, api_key: str) -> Account:
        return self.accounts.of_key(api_key, self.now())

    def add(self, account: Account, thing: Thing) -> None:
        account.things[thing.id] = thing
        if isinstance(thing, Session):
            heapq.heappush(self.expiries, (thing.expires_at, account.id, thing.id))

    def run_out(self) -> list[tuple[Account, Session]]:
        """The sessions whose end has come; each once."""
        found = []
        while self.expiries and self.expiries[0][0] <= self.now():
            _, account_id, session_id = heapq.heappop(self.expiries)
            account = self.accounts.by_id[account_id]
            found.append((account, account.find(Session, session_id)))
        return found

    def announce(self, account: Account, kind: str, thing: Thing) -> None:
        """An event about `thing` as it is now, for everybody who listens."""
        document = document_of(account, thing)
        before = account.told.get(thing.id)
        account.told[thing.id] = document
        data: dict[str, Any] = {"object": document}
        if before and kind.endswith(("updated", "refunded")):
            data["previous_attributes"] = {
                name: before.get(name) for name, value in document.items() if before.get(name) != value
            }
        self.send(account, event_document(kind, data, self.now(), request=self.cause))

    def send(self, account: Account, event: dict[str, Any]) -> None:
        account.events[event["id"]] = event
        if account.holding:
            account.held.append(event)
        else:
            self._outgoing += self.letters(account, [event])

    def letters(self, account: Account, events: Sequence[dict[str, Any]]) -> list[Letter]:
        """Who is told of the events: the account, and the platforms that it is connected to."""
        platforms = [each for each in self.accounts.by_id.values() if account.id in each.connected]
        listening: list[tuple[Account, Endpoint, dict[str, str]]]
        listening = [(account, each, {}) for each in account.endpoints.values() if not each.connect]
        for platform in platforms:
            of_it = [each for each in platform.endpoints.values() if each.connect]
            listening += [(platform, each, {"account": account.id}) for each in of_it]
        return [(owner, each, {**event, **more}) for event in events for owner, each, more in listening]

    def take_outgoing(self) -> list[Letter]:
        taken, self._outgoing = self._outgoing, []
        return taken
