"""A name server on this machine, which knows TXT records only."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import dns.exception
import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer:
    """`texts` by name; while it is `ill` it answers nobody's question."""

    address: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    ill: bool = False

    def answer(self, asked: bytes) -> bytes:
        query = dns.message.from_wire(asked)
        told = dns.message.make_response(query)
        question = query.question[0]
        known = self.texts.get(question.name.to_text(omit_final_dot=True).lower())
        if self.ill:
            told.set_rcode(dns.rcode.SERVFAIL)
        elif known is None:
            told.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{text}"' for text in known]
            told.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        return told.to_wire()


@contextmanager
def serving_dns() -> Iterator[NameServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = NameServer(f"127.0.0.1:{listener.getsockname()[1]}")
        done = threading.Event()
        listener.settimeout(0.1)

        def serve() -> None:
            while not done.is_set():
                with suppress(TimeoutError, dns.exception.DNSException):
                    asked, whence = listener.recvfrom(4096)
                    listener.sendto(server.answer(asked), whence)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            done.set()
            thread.join()
