"""Configuration: a validated type, read once from the environment; what is required has no default."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict

from shared.staff.token_rule import TokenRule


class Settings(BaseModel):
    """The fields of a function's settings are its environment variables in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def from_environment(cls) -> Self:
        """Raises pydantic's ValidationError, naming the variable, when one is missing or wrong."""
        names = {name: name.upper() for name in cls.model_fields}
        return cls.model_validate(
            {field: os.environ[name] for field, name in names.items() if name in os.environ}
        )


class HttpSettings(Settings):
    """What every function behind the HTTP API needs."""

    database_url: str
    base_domain: str
    api_hosts: str

    @property
    def first_api_host(self) -> str:
        return self.api_hosts.split(",")[0].strip()

    @property
    def own_hosts(self) -> frozenset[str]:
        """The hosts on which no school lives and the header X-Tenant names one."""
        return frozenset(host.strip().lower() for host in self.api_hosts.split(",") if host.strip())


class StaffSettings(Settings):
    """What those need whom the staff calls: whose tokens count, and for whom they are made."""

    jwt_issuer: str
    jwt_audience: str

    @property
    def tokens(self) -> TokenRule:
        return TokenRule(self.jwt_issuer, self.jwt_audience)


class PaymentSettings(HttpSettings):
    """What those need beside it that ask Stripe for something; any port but 443 has no certificate."""

    public_port: int
    stripe_api_url: str
    tenant_secrets_key_id: str

    def url_of(self, host: str) -> str:
        """Where `host` is reached from outside."""
        return f"https://{host}" if self.public_port == 443 else f"http://{host}:{self.public_port}"
