"""Configuration: a validated type, read once from the environment; what is required has no default."""

import os
from typing import Self

from pydantic import BaseModel, ConfigDict


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
    def own_hosts(self) -> frozenset[str]:
        """The hosts on which no school lives and the header X-Tenant names one."""
        return frozenset(host.strip().lower() for host in self.api_hosts.split(",") if host.strip())
