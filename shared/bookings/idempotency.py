"""The same key, the same request, the first answer."""

import json
from hashlib import sha256

from pydantic import BaseModel


def request_hash(command: BaseModel, *more: str) -> str:
    """Equal for equal requests, however their JSON was written; `more` is what else was asked by, as a path.

    Instants are compared as such when the command holds them in UTC.
    """
    canonical = json.dumps([command.model_dump(mode="json"), *more], sort_keys=True)
    return sha256(canonical.encode()).hexdigest()
