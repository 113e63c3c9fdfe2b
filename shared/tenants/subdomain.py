"""What a school's subdomain may be; the database has the same rule (`tenant_subdomain_is_a_label`)."""

import re

LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)

# What people would take for the platform itself, what mail and certificates are asked for at, and the
# platform's own school.
RESERVED = frozenset({
    "about", "account", "accounts", "admin", "administrator", "api", "app", "apps", "assets", "auth",
    "autoconfig", "autodiscover", "billing", "blog", "booking", "cdn", "console", "dashboard",
    "default", "demo", "dev", "docs", "email", "ftp", "help", "host", "hostmaster", "id", "identity",
    "imap", "immersio", "info", "internal", "legal", "localhost", "login", "mail", "media", "mx",
    "news", "ns", "ns1", "ns2", "oauth", "ops", "pay", "payment", "payments", "platform", "pop", "pop3",
    "portal", "postmaster", "privacy", "root", "school", "schools", "security", "signin", "signup",
    "smtp", "sso", "staging", "static", "status", "stripe", "support", "system", "team", "test", "web",
    "webhooks", "webmail", "webmaster", "www",
})  # fmt: skip


def is_reserved(subdomain: str) -> bool:
    """Also for labels that browsers show in other letters (`xn--…`)."""
    return subdomain in RESERVED or subdomain[2:4] == "--"
