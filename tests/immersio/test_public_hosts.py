"""Where a school's address may lead."""

import pytest

from shared.clients.immersio_errors import ImmersioFailed
from shared.clients.public_hosts import (
    AddressRefused,
    Destination,
    HostRule,
    NameUnknown,
    destination_of,
    is_public,
    public_addresses,
)
from tests.immersio.fake_school import FakeSchool

RULE = HostRule.of(".immersio.com, immersio.vn")
PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> HostRule:
    return HostRule((".immersio.com",), resolve=lambda host, port: list(addresses))


@pytest.mark.parametrize(
    "url",
    [
        "http://school.immersio.com",
        "http://127.0.0.1",
        "http://127.0.0.1:8000",
        "https://127.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://0x7f000001",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://127.1",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1",
        "https://localhost",
        "https://school.immersio.com.",
        "https://school.immersio.com:8443",
        "https://school.immersio.com:80",
        "https://school.immersio.com:99999",
        "https://user@school.immersio.com",
        "https://user:password@school.immersio.com",
        "https://school.immersio.com@127.0.0.1",
        "https://@school.immersio.com",
        "https://127.0.0.1#.immersio.com",
        "https://127.0.0.1?.immersio.com",
        "https://127.0.0.1\\.immersio.com",
        "https://127.0.0.1%2f.immersio.com",
        "https://school.immersio.com/v1",
        "https://school.immersio.com?",
        "https://school.immersio.com#",
        "https://school.immersio.com\r\nX-Injected: yes",
        "https://school.immer\tsio.com",
        " https://school.immersio.com",
        "https://immersio.com",
        "https://.immersio.com",
        "https://a..immersio.com",
        "https://-a.immersio.com",
        "https://evilimmersio.com",
        "https://school.immersio.com.evil.example",
        "https://sch\u00f6\u00f6l.immersio.com",
        "https://school\uff0eimmersio.com",
        "https://[school.immersio.com]",
        "https://" + "a" * 600 + ".immersio.com",
        "ftp://school.immersio.com",
        "//school.immersio.com",
        "school.immersio.com",
        "",
    ],
)
def test_an_address_that_is_no_plain_public_host_of_the_vendor_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        destination_of(url, RULE)


@pytest.mark.parametrize(
    "url", ["http://localhost:80", "http://[::1]:80", "http://127.0.0.2:80", "http://127.0.0.1"]
)
def test_a_run_on_one_machine_may_call_its_own_port_and_no_other_spelling_of_it(url: str) -> None:
    with pytest.raises(AddressRefused):
        destination_of(url, HostRule((".immersio.com",), allow_loopback=True))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  # an address, nothing listens
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "not an address",
    ],
)  # fmt: skip
def test_a_name_that_leads_to_an_address_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        public_addresses(Destination("a.immersio.com", 443), resolving(PUBLIC, address))


def test_a_name_without_addresses_is_unknown_for_now() -> None:
    with pytest.raises(NameUnknown):
        public_addresses(Destination("a.immersio.com", 443), resolving())


def test_no_suffix_allows_no_host() -> None:
    with pytest.raises(AddressRefused):
        destination_of("https://school.immersio.com", HostRule.of(" , ."))


def test_the_client_calls_nothing_that_is_refused(there: FakeSchool) -> None:
    """The address does lead to Immersio; only a rule without loopback stands between."""
    with pytest.raises(ImmersioFailed) as refused:
        there.client(rule=RULE).ping()
    assert (refused.value.code, refused.value.retryable) == ("address_refused", False)
    assert there.requests == []


@pytest.mark.parametrize(
    "url", ["https://school.immersio.com", "https://School.Immersio.com:443/", "https://a.immersio.vn"]
)
def test_a_host_of_the_vendor_is_allowed(url: str) -> None:
    assert destination_of(url, RULE).port == 443


def test_every_public_address_of_a_name_may_be_tried_once() -> None:
    rule = resolving(PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", PUBLIC)
    addresses = public_addresses(Destination("a.immersio.com", 443), rule)
    assert addresses == [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
    assert all(is_public(address) for address in addresses)
