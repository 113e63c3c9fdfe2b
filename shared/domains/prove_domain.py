"""Whether DNS has what proves that a domain is a school's."""

from hmac import compare_digest

from shared.clients.dns_txt import TxtResolver
from shared.domains.errors import DomainNotProven
from shared.domains.schemas import DnsRecord


def is_proven(resolver: TxtResolver, record: DnsRecord) -> bool:
    """Asks DNS: call it outside of transactions. Raises DnsUnavailable."""
    texts = resolver.texts(record.name)
    return any(compare_digest(each.strip().encode(), record.value.encode()) for each in texts)


def require_proof(resolver: TxtResolver, record: DnsRecord) -> None:
    """Raises DomainNotProven with the record that is wanted, DnsUnavailable."""
    if not is_proven(resolver, record):
        raise DomainNotProven(record=record.model_dump(by_alias=True))
