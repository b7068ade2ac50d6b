"""What the node is told by files - settings, trust, calendars, profiles - noted when it changes.

Files are changed with an editor, where nobody signs in. So the node compares what it finds with what
it found last, and the audit record names what is other, with digests. Secrets and private keys are
left out: their digests would help to guess them.
"""

import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.domain.exchange import AuditEntry, Caller
from gateway.ports import Transaction

_FOLDER = "config"
_SECRETS = "secrets"
_KEYS = frozenset({".key"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationDuty:
    """Looks at the files of this machine, at the start and now and then."""

    gateway: Gateway
    caller: Caller

    async def __call__(self) -> None:
        """Record what differs from the last look; the first look of a machine records nothing."""
        found = await self.gateway.run(lambda: dict(_digests(self.gateway.config)))
        place = f"configuration:{platform.node()}"

        def unit(tx: Transaction) -> None:
            text = tx.settings.find(place)
            known: dict[str, str] = json.loads(text) if text else found
            changed = {name: digest for name, digest in found.items() if known.get(name) != digest}
            removed = sorted(known.keys() - found.keys())
            if text is not None and not changed and not removed:
                return
            tx.settings.put(place, json.dumps(found))
            if changed or removed:
                tx.audit.append(self._entry(changed, removed))

        await self.gateway.store.write(unit)

    def _entry(self, changed: dict[str, str], removed: list[str]) -> AuditEntry:
        return AuditEntry(
            at=self.gateway.clock.now(),
            actor=self.caller.actor,
            address=None,
            action="changed",
            about=f"node:{self.gateway.config.node.code}",
            data={"operation": "configuration", "files": changed, "removed": removed},
        )


def _digests(config: Config) -> Iterator[tuple[str, str]]:
    """Yield the place of each file below the node's folder, and its SHA-256."""
    root = config.path("")
    secret = {
        config.path(each) for each in (config.keys.key_file, config.keys.secret_file) if each
    }
    for file in (config.file, *sorted((root / _FOLDER).rglob("*"))):
        if file.is_file() and file not in secret and not _is_secret(file.relative_to(root)):
            with suppress(OSError), file.open("rb") as stream:  # it may go while we look
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                yield file.relative_to(root).as_posix(), digest


def _is_secret(place: Path) -> bool:
    return _SECRETS in place.parts or place.suffix in _KEYS
