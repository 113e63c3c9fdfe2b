"""Which backup a file is: written on it, and bound to its key."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.backups.errors import RestoreRefused
from shared.clients.data_keys import DataKey, DataKeys
from shared.clients.sealing import SealBroken


@dataclass(frozen=True, slots=True)
class Identity:
    """A backup of a school."""

    tenant_id: int
    backup_id: UUID

    def context(self) -> dict[str, str]:
        """What KMS binds the key to."""
        return {"purpose": "tenant-backup", "tenant": str(self.tenant_id), "backup": str(self.backup_id)}

    def header(self, key: DataKey) -> dict[str, Any]:
        """What stands on the file in the clear."""
        wrapped = base64.b64encode(key.wrapped).decode()
        return {"tenantId": self.tenant_id, "backupId": str(self.backup_id), "key": wrapped}

    def open_key(self, keys: DataKeys, header: Mapping[str, Any]) -> DataKey:
        """The key of the file with this header. Raises RestoreRefused when it is another backup's."""
        try:
            wrapped = base64.b64decode(str(header.get("key", "")), validate=True)
            return keys.open(wrapped, self.context())
        except (binascii.Error, SealBroken):
            raise RestoreRefused("backup_unreadable", "the key is not this backup's") from None
