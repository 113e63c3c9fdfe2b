"""A school's own domain: claimed by anybody, proven by DNS, one school's at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection

from shared.clients.dns_txt import TxtResolver
from shared.database import connect_database, in_tenant
from shared.domains.activate_domain import activate_domain
from shared.domains.errors import DomainTaken
from shared.domains.recheck_domains import Rechecked, recheck_domains
from shared.domains.schemas import DomainView
from shared.notifications.write_notice import write_notice
from shared.staff.find_staff import StaffMember
from shared.staff.schemas import SchoolView
from shared.tenant_scope import of_tenant
from tests.conftest import Load
from tests.domains.dns_server import NameServer, serving_dns
from tests.functions import Answer, Api
from tests.notifications.mails import SENDER, text_of
from tests.schools import School, make_school

PATH = "/v1/admin/settings/domain"
DOMAIN = "lessons.aurora.example"


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with serving_dns() as server:
        yield server


@dataclass
class Office:
    """The admins of aurora and of lotus."""

    api: Api
    aurora: School
    lotus: School
    dns: NameServer

    def ask(
        self, method: str, path: str = PATH, body: str | None = None, school: School | None = None
    ) -> Answer:
        school = school or self.aurora
        self.api.tenant = school.subdomain
        return self.api.request(method, path, body=body, claims={"email": school.admin_email})

    def claim(self, domain: str = DOMAIN, school: School | None = None) -> Answer:
        return self.ask("PUT", body=f'{{"domain": "{domain}"}}', school=school)

    def verify(self, school: School | None = None) -> Answer:
        return self.ask("POST", f"{PATH}/verify", school=school)

    def publish(self, claimed: Answer) -> None:
        record = claimed.json["record"]
        self.dns.texts.setdefault(record["name"], []).append(record["value"])

    def prove(self, domain: str = DOMAIN, school: School | None = None) -> Answer:
        self.publish(self.claim(domain, school))
        return self.verify(school)

    def found_at(self, domain: str = DOMAIN) -> Any:
        return self.aurora.database.value("SELECT tenant_id_of_host(NULL, :domain)", domain=domain)


@pytest.fixture
def own_key(school: School) -> Iterator[None]:
    """Both keys are gone meanwhile."""
    for key in ("CustomDomain_domain_key", "Tenant_customDomain_key"):
        school.database.rows(f'DROP INDEX "{key}"')
    yield
    school.database.rows('DELETE FROM "CustomDomain"')
    school.database.rows('UPDATE "Tenant" SET "customDomain" = NULL')
    school.database.rows('CREATE UNIQUE INDEX "Tenant_customDomain_key" ON "Tenant" ("customDomain")')
    school.database.rows(
        """CREATE UNIQUE INDEX "CustomDomain_domain_key" ON "CustomDomain" (domain)
           WHERE status <> 'PENDING'"""
    )


@pytest.fixture
def office(school: School, load: Load, dns: NameServer) -> Iterator[Office]:
    function = load("admin_api", UPLOADS_BUCKET="uploads", NAMESERVER=dns.address)
    yield Office(Api(function), school, make_school(school.database, "lotus"), dns)
    function.close()


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "aurora.example.",
        "-a.example",
        "a-.example",
        "a..example",
        "https://aurora.example",
        "aurora.example:443",
        "aurora.example/path",
        "*.aurora.example",
        "_x.aurora.example",
        "äurora.example",
        "aurora.example\\u0000",
        "aurora.example\\n",
        f"{'a' * 64}.example",
        "a." * 120 + "example",
    ],
)
def test_what_is_no_name_of_a_host_is_refused(office: Office, domain: str) -> None:
    assert refused(office.claim(domain)) == (422, "invalid_request")


@pytest.mark.parametrize(
    "domain",
    ["booking.test", "lotus.booking.test", "api.booking.test", "a.b.booking.test", "LOTUS.Booking.Test"],
)
def test_no_name_below_the_services_own_is_a_schools(office: Office, domain: str) -> None:
    assert refused(office.claim(domain)) == (422, "domain_not_allowed")


def test_a_domain_needs_its_plan(office: Office) -> None:
    office.aurora.change("Tenant", office.aurora.id, subscriptionPlan="GROWTH")
    assert refused(office.claim()) == (403, "plan_limit_reached")


def test_without_a_claim_there_is_nothing_to_see_or_to_verify(office: Office) -> None:
    assert refused(office.ask("GET")) == (404, "domain_not_found")
    assert refused(office.verify()) == (404, "domain_not_found")
    assert office.ask("DELETE").json == {}


def test_a_claim_alone_leads_nowhere(office: Office) -> None:
    claimed = office.claim()
    assert (claimed.status, claimed.json["status"]) == (200, "PENDING")
    told = office.verify()
    assert refused(told) == (409, "domain_not_proven")
    assert told.json["record"] == claimed.json["record"]
    assert office.found_at() is None


def test_another_schools_record_proves_nothing(office: Office) -> None:
    office.publish(office.claim(school=office.lotus))
    office.claim()
    assert refused(office.verify()) == (409, "domain_not_proven")


def test_a_name_server_that_is_ill_says_nothing_either_way(office: Office) -> None:
    office.publish(office.claim())
    office.dns.ill = True
    told = office.verify()
    assert refused(told) == (503, "dns_unavailable")
    assert told.headers["retry-after"] == "60"


def test_a_proven_domain_leads_to_the_school(office: Office) -> None:
    told = office.prove("Lessons.Aurora.Example")
    assert (told.status, told.json["status"], told.json["domain"]) == (200, "ACTIVE", DOMAIN)
    assert office.found_at() == office.aurora.id
    assert office.ask("GET").json == told.json
    assert office.verify().json == told.json
    assert office.claim().json == told.json
    assert refused(office.claim("other.aurora.example")) == (409, "domain_in_use")


def test_what_one_school_has_proven_no_other_proves(office: Office) -> None:
    office.prove()
    assert refused(office.prove(school=office.lotus)) == (409, "domain_taken")
    assert office.found_at() == office.aurora.id


def of_school(school: School) -> StaffMember:
    view = SchoolView(id=school.id, name="", subdomain=school.subdomain, plan="PRO", status="ACTIVE")
    return StaffMember(school.admin_id, None, school.admin_email, "TENANT_ADMIN", view)


def proven_at_once(office: Office) -> list[str]:
    """Both schools have their records in DNS; what came of the two who prove it at the same time."""
    claims = {school.id: office.claim(school=school) for school in (office.aurora, office.lotus)}
    ready = Barrier(2)

    def prove(school: School) -> str:
        engine = connect_database(office.aurora.database.app_url)
        view = DomainView.model_validate(claims[school.id].json)

        def activate(connection: Connection) -> DomainView:
            ready.wait()
            return activate_domain(connection, of_school(school), view, datetime.now(UTC))

        try:
            return in_tenant(engine, of_tenant(school.id), activate).status
        except DomainTaken as error:
            return error.code
        finally:
            engine.dispose()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(prove, (office.aurora, office.lotus)))


@pytest.mark.race
def test_of_two_schools_that_prove_one_domain_at_once_one_has_it(office: Office) -> None:
    assert proven_at_once(office) == ["ACTIVE", "domain_taken"]


def test_without_its_key_a_domain_would_be_two_schools(school: School, office: Office, own_key: None) -> None:
    assert proven_at_once(office) == ["ACTIVE", "ACTIVE"]


def test_a_released_domain_is_nobodys_for_a_month(office: Office) -> None:
    office.prove()
    assert office.ask("DELETE").json == {"domain": DOMAIN}
    assert office.ask("DELETE").json == {}
    assert office.found_at() is None
    assert refused(office.prove(school=office.lotus)) == (409, "domain_taken")
    recheck(office, datetime.now(UTC) + timedelta(days=29))
    assert refused(office.verify(office.lotus)) == (409, "domain_taken")
    recheck(office, datetime.now(UTC) + timedelta(days=31))
    assert office.verify(office.lotus).status == 200
    assert office.found_at() == office.lotus.id


def test_whoever_released_it_may_take_it_back_at_once(office: Office) -> None:
    office.prove()
    office.ask("DELETE")
    assert office.prove().json["status"] == "ACTIVE"


def test_each_change_is_noted(office: Office) -> None:
    office.prove()
    office.ask("DELETE")
    actions = office.aurora.database.rows('SELECT action, "actorId" FROM "AuditEvent" ORDER BY id')
    assert [row["action"] for row in actions] == ["domain.claimed", "domain.proven", "domain.released"]
    assert {row["actorId"] for row in actions} == {office.aurora.admin_id}


def recheck(office: Office, now: datetime) -> Rechecked:
    engine = connect_database(office.aurora.database.ops_url)
    told = recheck_domains(engine, TxtResolver(office.dns.address), now, lambda: True)
    engine.dispose()
    return told


def test_a_domain_is_looked_at_once_a_day(office: Office) -> None:
    office.prove()
    now = datetime.now(UTC)
    assert recheck(office, now + timedelta(hours=23)) == Rechecked()
    assert recheck(office, now + timedelta(hours=25)) == Rechecked(proven=1)
    assert recheck(office, now + timedelta(hours=26)) == Rechecked()


def test_a_domain_whose_record_is_gone_for_a_week_is_released(office: Office) -> None:
    office.prove()
    office.dns.texts.clear()
    now = datetime.now(UTC)
    for day in (2, 4, 8):
        assert recheck(office, now + timedelta(days=day)) == Rechecked(missing=1)
    assert "missingSince" in office.ask("GET").json
    assert office.found_at() == office.aurora.id
    assert recheck(office, now + timedelta(days=10)) == Rechecked(released=1)
    assert office.found_at() is None
    told = office.aurora.database.rows(
        """SELECT topic, payload->>'userId' AS reader FROM "OutboxMessage" ORDER BY id"""
    )
    assert [row["topic"] for row in told] == ["domain.missing", "domain.released"]
    assert {row["reader"] for row in told} == {str(office.aurora.admin_id)}


def test_a_record_that_is_back_begins_anew(office: Office) -> None:
    office.prove()
    held, now = dict(office.dns.texts), datetime.now(UTC)
    office.dns.texts.clear()
    recheck(office, now + timedelta(days=2))
    office.dns.texts.update(held)
    assert recheck(office, now + timedelta(days=8)) == Rechecked(proven=1)
    assert "missingSince" not in office.ask("GET").json
    office.dns.texts.clear()
    assert recheck(office, now + timedelta(days=11)) == Rechecked(missing=1)


def test_silence_of_dns_takes_no_domain_away(office: Office) -> None:
    office.prove()
    office.dns.ill = True
    now = datetime.now(UTC)
    for day in (2, 12, 22):
        assert recheck(office, now + timedelta(days=day)) == Rechecked(unknown=1)
    assert office.found_at() == office.aurora.id


@pytest.mark.parametrize("locale", ["en", "vi"])
def test_the_admins_are_told_in_their_language_while_it_is_true(office: Office, locale: str) -> None:
    office.prove()
    held, now = dict(office.dns.texts), datetime.now(UTC)
    office.aurora.change("users", office.aurora.admin_id, locale=locale)
    office.dns.texts.clear()
    recheck(office, now + timedelta(days=2))
    mail = mail_of(office)
    assert mail is not None
    assert f"_booking-challenge.{DOMAIN}" in mail
    assert ("DNS" in mail, "tên miền" in mail.lower()) == (True, locale == "vi")
    office.dns.texts.update(held)
    recheck(office, now + timedelta(days=4))
    assert mail_of(office) is None


def mail_of(office: Office) -> str | None:
    """The newest message's, subject and text."""
    *_, message = office.aurora.database.rows('SELECT * FROM "OutboxMessage" ORDER BY id')
    asked = (office.aurora.id, message["id"], message["topic"], message["payload"], SENDER)
    engine = connect_database(office.aurora.database.app_url)
    mail = in_tenant(engine, of_tenant(office.aurora.id), lambda c: write_notice(c, *asked))
    engine.dispose()
    return None if mail is None else f"{mail['Subject']}\n{text_of(mail)}"


def test_another_domain_that_was_proven_meanwhile_is_not_released(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.prove()
    office.dns.texts.clear()
    now = datetime.now(UTC)
    recheck(office, now + timedelta(days=2))
    ask = TxtResolver.texts

    def change_meanwhile(resolver: TxtResolver, name: str) -> list[str]:
        monkeypatch.setattr(TxtResolver, "texts", ask)
        office.ask("DELETE")
        assert office.prove("new.aurora.example").status == 200
        return ask(resolver, name)

    monkeypatch.setattr(TxtResolver, "texts", change_meanwhile)
    assert recheck(office, now + timedelta(days=10)) == Rechecked(unknown=1)
    assert office.found_at("new.aurora.example") == office.aurora.id
