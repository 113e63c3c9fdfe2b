"""The ways to reach a row, each with what may come of it under a tenant setting. Nothing names a table."""

from collections.abc import Callable
from dataclasses import dataclass

# Before anybody set it, and as a commit leaves it behind: nothing is seen, and nothing raises.
UNSET, ENDED = None, ""
# As an attacker or a bug might set it; none of them is a school's id.
GARBAGE = ("abc", "1 OR 1=1", "2147483648", "-1", "0")

DENIED, COPY_REFUSED = "42501", "0A000"
NO_INTEGER = {"22P02", "22003"}
# A row that names another school's parents, or whose key is taken.
KEPT_APART = ("23503", "23505", "23P01", DENIED)
NO_TENANT = "23502"


@dataclass(frozen=True)
class Outcome:
    """The schools of which something was seen or changed, or the SQLSTATE that it ended with.

    `quotes` when the error's text holds what stands in a row.
    """

    seen: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    state: str | None = None
    quotes: bool = False


@dataclass(frozen=True)
class Attempt:
    """Two schools have rows; a row that is brought is a copy of `school`'s, which is at home under its id."""

    school: int
    other: int
    setting: str | None

    @property
    def visible(self) -> frozenset[int]:
        """Whose rows the setting shows."""
        return frozenset(each for each in (self.school, self.other) if str(each) == self.setting)

    @property
    def at_home(self) -> bool:
        return self.school in self.visible

    @property
    def elsewhere(self) -> int:
        """A school that the setting does not show."""
        return self.other if self.at_home else self.school


Rule = Callable[[Attempt], set[Outcome]]


def sees(attempt: Attempt) -> set[Outcome]:
    return {Outcome(seen=attempt.visible)}


def changes(attempt: Attempt) -> set[Outcome]:
    return {Outcome(changed=attempt.visible)}


def keeps(attempt: Attempt) -> set[Outcome]:
    return {Outcome(state=DENIED)} if attempt.visible else {Outcome()}


def adds(attempt: Attempt) -> set[Outcome]:
    return {Outcome(changed=attempt.visible)} if attempt.at_home else {Outcome(state=DENIED)}


def finds(attempt: Attempt) -> set[Outcome]:
    return {Outcome()} if attempt.at_home else {Outcome(state=DENIED)}


def collides(attempt: Attempt) -> set[Outcome]:
    """A row relabelled as one's own: refused, lost, or made one's own, and the other's stays as it was."""
    if not attempt.visible:
        return {Outcome(state=DENIED)}
    refusals = {Outcome(state=state) for state in KEPT_APART}
    return refusals | {Outcome(), Outcome(changed=attempt.visible)}


def lands_at_home(attempt: Attempt) -> set[Outcome]:
    """Without a tenant, a row gets its parents' where a trigger does that."""
    refusals = {Outcome(state=DENIED), Outcome(state=NO_TENANT)}
    return refusals | ({Outcome(changed=attempt.visible)} if attempt.at_home else set())


def is_refused(_: Attempt) -> set[Outcome]:
    return {Outcome(state=COPY_REFUSED)}


@dataclass(frozen=True)
class Verb:
    """A statement, the privileges it needs, and the outcomes that are right."""

    statement: str
    privileges: frozenset[str]
    rule: Rule
    # The row that it brings is not there.
    anew: bool = False

    @property
    def writes(self) -> bool:
        return self.privileges != SELECT


SELECT, UPDATE, DELETE = frozenset({"SELECT"}), frozenset({"UPDATE"}), frozenset({"DELETE"})
ADD = frozenset({"INSERT"})

INSERT = "INSERT INTO {table} SELECT * FROM {row}"
RELABELLED = "INSERT INTO {table} SELECT * FROM {relabelled}"
UNLABELLED = "INSERT INTO {table} SELECT * FROM {unlabelled}"
OR_UPDATE = "ON CONFLICT ({key}) DO UPDATE SET {tenant} = EXCLUDED.{tenant}"

# RETURNING and WHERE would hold a written row against the policies for reading too, and so hide that
# those for writing are missing: no verb has either.
VERBS = {
    "select": Verb("SELECT {tenant} FROM {table}", SELECT, sees),
    "copy to": Verb("COPY {table} ({tenant}) TO STDOUT", SELECT, sees),
    "copy from": Verb("COPY {table} FROM STDIN", ADD, is_refused),
    "update": Verb("UPDATE {table} SET {tenant} = {tenant}", UPDATE, changes),
    "move": Verb("UPDATE {table} SET {tenant} = {elsewhere}", UPDATE, keeps),
    "delete": Verb("DELETE FROM {table}", DELETE, changes),
    "insert": Verb(INSERT, ADD, adds, anew=True),
    "insert or nothing": Verb(f"{INSERT} ON CONFLICT DO NOTHING", ADD, finds),
    "insert or update": Verb(f"{INSERT} {OR_UPDATE}", ADD | UPDATE, adds),
    "insert unlabelled": Verb(UNLABELLED, ADD, lands_at_home, anew=True),
    "relabel": Verb(RELABELLED, ADD, collides),
    "relabel or nothing": Verb(f"{RELABELLED} ON CONFLICT DO NOTHING", ADD, collides),
    "relabel or update": Verb(f"{RELABELLED} {OR_UPDATE}", ADD | UPDATE, collides),
}


def is_right(verb: Verb, attempt: Attempt, outcome: Outcome, *, granted: bool) -> bool:
    if outcome.state in NO_INTEGER:
        return attempt.setting in GARBAGE
    return outcome in (verb.rule(attempt) if granted else {Outcome(state=DENIED)})
