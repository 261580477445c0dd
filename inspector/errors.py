"""The few things that can go wrong, each with what the user can do next.

Rooms raise these; ``web`` turns them into problem responses and ``cli`` into exit codes, in one place each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


class InspectorError(Exception):
    """Base of all our errors. ``str(error)`` is one sentence for the user; ``code`` is for programs."""

    code = "error"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the input that cannot be used, and why."""

    field: str
    message: str


class InvalidInput(InspectorError):
    """Input that cannot be used. ``errors`` names each field, in the order of the input."""

    code = "invalid-input"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors

    @classmethod
    def of(cls, field: str, message: str) -> InvalidInput:
        """The error of a single *field*."""
        return cls(FieldError(field, message))


class NotFound(InspectorError):
    """Something named does not exist (any more)."""

    code = "not-found"


class Conflict(InspectorError):
    """What is asked contradicts what is there: a path that is taken, an endpoint that cannot go."""

    code = "conflict"


class TargetRefused(InspectorError):
    """Nothing may be sent to this target. Nothing was."""

    code = "target-refused"


class StorageFailed(InspectorError):
    """Nothing was stored: the disk is full, the file is gone or locked. ``retry_after`` is in seconds."""

    code = "storage-failed"
    retry_after = 5


class UnusableDatabase(InspectorError):
    """The database file cannot be read, is not ours, or is a newer version's. Nothing was changed."""

    code = "unusable-database"


class DatabaseInUse(InspectorError):
    """Another server holds the database's lock."""

    code = "database-in-use"


class PortInUse(InspectorError):
    """A listener's port is taken, on one address family at least."""

    code = "port-in-use"


class Unreachable(InspectorError):
    """No server answered where one was expected."""

    code = "unreachable"


class Refused(InspectorError):
    """A running server answered with a problem. ``status``, ``code`` and all ``facts`` are the server's."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "error",
        facts: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.facts = facts
