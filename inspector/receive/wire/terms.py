"""The terms that a server's connections are held to, each listener its own where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inspector.models import NewMalformed
from inspector.settings import Limits


@dataclass(slots=True, eq=False)
class Port:
    """One listener's local port: how many connections it takes, and how many there are.

    ``for_callbacks``: a sender that has closed its own side, or whose body is broken, still gets the
    application's reply. Where browsers call that is not wanted: a tab that was closed looks just the same.
    """

    most_connections: int
    for_callbacks: bool
    connections: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What all connections share. ``ports`` is by local port; ``keep_malformed`` takes what is no request."""

    limits: Limits
    ports: Mapping[int, Port]
    keep_malformed: Callable[[NewMalformed], None]


def terms(
    limits: Limits, callback_port: int, inspector_port: int, keep_malformed: Callable[[NewMalformed], None]
) -> Terms:
    """The terms of a server with these two listeners."""
    ports = {
        callback_port: Port(limits.callback_connections, for_callbacks=True),
        inspector_port: Port(limits.inspector_connections, for_callbacks=False),
    }
    return Terms(limits, ports, keep_malformed)
