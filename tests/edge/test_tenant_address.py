"""Which school a request is for."""

import pytest

from shared.tenants.address import TenantAddress, tenant_address

OWN = frozenset({"api.booking.test"})


def address(host: str, header: str | None = None) -> TenantAddress:
    return tenant_address(host, header, base_domain="booking.test", own_hosts=OWN)


@pytest.mark.parametrize("header", [None, "", "a.b", "-a", "a-", "a" * 64, "ä", "a b", "' OR 1=1", "%"])
def test_a_header_that_is_no_label_names_nobody(header: str | None) -> None:
    assert address("api.booking.test", header) == TenantAddress()


@pytest.mark.parametrize("host", ["a.b.booking.test", "-.booking.test", ".booking.test"])
def test_a_host_below_ours_that_is_no_label_names_nobody(host: str) -> None:
    assert address(host, "aurora") == TenantAddress()


@pytest.mark.parametrize(
    "host", ["x.execute-api.evil", "execute-api.evil.com", "x.execute-api.eu.amazonaws.com.evil"]
)
def test_a_host_that_only_looks_like_api_gateways_is_a_schools_domain(host: str) -> None:
    assert address(host, "aurora") == TenantAddress(domain=host)


def test_the_header_counts_on_our_own_hosts_only() -> None:
    gateway = "abc123.execute-api.eu-central-1.amazonaws.com"
    for host in ("api.booking.test", "booking.test", gateway):
        assert address(host, "Aurora") == TenantAddress(label="aurora")
    assert address("lotus.booking.test", "aurora") == TenantAddress(label="lotus")
    assert address("learn.example.org", "aurora") == TenantAddress(domain="learn.example.org")


def test_hosts_are_compared_without_regard_to_case_or_a_last_dot() -> None:
    assert address("Lotus.Booking.TEST.") == TenantAddress(label="lotus")


def test_a_host_longer_than_any_name_is_nobodys() -> None:
    assert address("a" * 300) == TenantAddress()
