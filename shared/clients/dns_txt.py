"""What DNS says of a name in its TXT records."""

from dataclasses import dataclass

from shared.errors import Problem

WHOLE_QUESTION_SECONDS = 5.0
DNS_PORT = 53


class DnsUnavailable(Problem):
    status, code, title = 503, "dns_unavailable", "DNS does not answer at the moment"
    retry_after = 60


@dataclass(frozen=True, slots=True)
class TxtResolver:
    """Asks `nameserver` (an address, perhaps with a port), or the machine's own when it is empty."""

    nameserver: str = ""

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, their parts joined; none where there is no such name.

        Raises DnsUnavailable: then nothing is known.
        """
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer, Resolver

        resolver = Resolver(configure=not self.nameserver)
        if self.nameserver:
            address, _, port = self.nameserver.partition(":")
            resolver.nameservers, resolver.port = [address], int(port or DNS_PORT)
        try:
            found = resolver.resolve(f"{name}.", "TXT", lifetime=WHOLE_QUESTION_SECONDS)
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as error:
            raise DnsUnavailable from error
        return [b"".join(record.strings).decode(errors="replace") for record in found]
