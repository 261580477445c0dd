"""The secrets of the endpoints, in a file of their own beside the database, and from the environment.

They are never in the database, so that a copy of it can be given away. Values go in and are used; nothing
here, and nothing built on it, gives one back but ``usable``, which the verification asks.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inspector.errors import Conflict, NotFound, StorageFailed, UnusableDatabase
from inspector.models import Secret, SecretInfo
from inspector.signing import fingerprint
from inspector.store.endpoints import ROOT_ID
from inspector.store.files import make_private_file, replace_private_file

FORMAT = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    """A registered secret: its value, or the name of the environment variable that has it."""

    name: str
    created_at: datetime
    value: str | None = field(default=None, repr=False)
    env: str | None = None


class Secrets:
    """All registered secrets, by endpoint and name. Safe to use from every thread.

    *path* None keeps them in memory only. *environ* is where referenced variables are read, at each use.
    *root_env* names the variable that is a secret of ``/`` while it is set; it is listed and used, never
    stored.
    """

    def __init__(self, path: Path | None, environ: Mapping[str, str], root_env: str) -> None:
        self._path = path
        self._environ = environ
        self._root_entry = _Entry(root_env, datetime.now(UTC), env=root_env)
        self._lock = threading.Lock()
        self._entries = _load(path) if path is not None else {}

    def infos(self, endpoint_id: str) -> tuple[SecretInfo, ...]:
        """What may be told of an endpoint's secrets, in the order they were added."""
        return tuple(self._info(entry) for entry in self._all(endpoint_id))

    def usable(self, endpoint_id: str) -> tuple[Secret, ...]:
        """The secrets to verify with. One whose variable is not set, or is empty, is left out."""
        found = []
        for entry in self._all(endpoint_id):
            value = self._value(entry)
            if value:
                found.append(Secret(entry.name, value))
        return tuple(found)

    def add(
        self, endpoint_id: str, *, name: str | None = None, value: str | None = None, env: str | None = None
    ) -> SecretInfo:
        """Register either *value* or the variable *env*; the name is ``key-1``, ``key-2``, … if none is
        given.

        The caller has checked that the endpoint's scheme can use it. Raises Conflict when the name is taken,
        and StorageFailed when the file cannot be written.
        """
        if (value is None) == (env is None):
            raise TypeError("give either value or env")
        with self._lock:
            taken = {entry.name for entry in self._all(endpoint_id)}
            if name is None:
                name = next(
                    key for number in range(1, len(taken) + 2) if (key := f"key-{number}") not in taken
                )
            elif name in taken:
                raise Conflict(f"The endpoint has a secret {name} already.")
            entry = _Entry(name, datetime.now(UTC), value, env)
            self._replace(endpoint_id, (*self._entries.get(endpoint_id, ()), entry))
        return self._info(entry)

    def remove(self, endpoint_id: str, name: str) -> None:
        """Forget a secret. Raises NotFound, and Conflict for the one that the environment gives to ``/``."""
        with self._lock:
            entries = self._entries.get(endpoint_id, ())
            if all(entry.name != name for entry in entries):
                if name in (entry.name for entry in self._all(endpoint_id)):
                    raise Conflict(
                        f"{name} comes from the environment: unset the variable and restart the server."
                    )
                raise NotFound(f"The endpoint has no secret {name}.")
            self._replace(endpoint_id, tuple(entry for entry in entries if entry.name != name))

    def remove_all(self, endpoint_id: str) -> None:
        """Forget every secret of an endpoint that is gone."""
        with self._lock:
            if endpoint_id in self._entries:
                self._replace(endpoint_id, ())

    def _all(self, endpoint_id: str) -> tuple[_Entry, ...]:
        entries = self._entries.get(endpoint_id, ())
        if endpoint_id == ROOT_ID and self._value(self._root_entry):
            return (*entries, self._root_entry)
        return entries

    def _value(self, entry: _Entry) -> str | None:
        return entry.value if entry.env is None else self._environ.get(entry.env)

    def _info(self, entry: _Entry) -> SecretInfo:
        value = self._value(entry)
        return SecretInfo(
            name=entry.name,
            source="stored" if entry.env is None else "env",
            fingerprint=fingerprint(value) if value else None,
            created_at=entry.created_at,
            env=entry.env,
        )

    def _replace(self, endpoint_id: str, entries: tuple[_Entry, ...]) -> None:
        # A new mapping each time: readers in other threads need no lock.
        changed = {key: kept for key, kept in self._entries.items() if key != endpoint_id}
        if entries:
            changed[endpoint_id] = entries
        if self._path is not None:
            try:
                replace_private_file(self._path, _encode(changed))
            except OSError as error:
                raise StorageFailed(f"{self._path} cannot be written: {error.strerror}.") from error
        self._entries = changed


def _encode(entries: Mapping[str, tuple[_Entry, ...]]) -> bytes:
    endpoints = {
        endpoint_id: [
            {
                "name": entry.name,
                "created_at": entry.created_at.isoformat(),
                **({"value": entry.value} if entry.env is None else {"env": entry.env}),
            }
            for entry in registered
        ]
        for endpoint_id, registered in entries.items()
    }
    return json.dumps({"format": FORMAT, "endpoints": endpoints}, indent=2).encode() + b"\n"


def _load(path: Path) -> dict[str, tuple[_Entry, ...]]:
    """The secrets in the file *path*; none when there is no such file. Raises UnusableDatabase."""
    if not path.exists():
        return {}
    try:
        make_private_file(path)
        content = path.read_bytes()
    except OSError as error:
        raise UnusableDatabase(f"The secrets file {path} cannot be read: {error.strerror}.") from error
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise UnusableDatabase(
                f"The secrets file {path} was written by a newer Callback Inspector: upgrade."
            )
        return {
            endpoint_id: tuple(_read_entry(entry) for entry in entries)
            for endpoint_id, entries in document["endpoints"].items()
        }
    # What a damaged file may hold in place of what is looked up; the file's content is not repeated.
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableDatabase(
            f"The secrets file {path} is damaged: repair it, or move it away and add the secrets anew."
        ) from error


def _read_entry(entry: Mapping[str, Any]) -> _Entry:
    value, env = entry.get("value"), entry.get("env")
    if not isinstance(entry["name"], str) or [isinstance(value, str), isinstance(env, str)].count(True) != 1:
        raise TypeError("neither value nor env")
    return _Entry(entry["name"], datetime.fromisoformat(entry["created_at"]), value, env)
