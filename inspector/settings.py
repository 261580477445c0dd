"""Everything that can be set, in one value that is passed down.

Only ``cli`` makes one from the outside world; the defaults here are the product's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

CALLBACK_PORT = 2255
INSPECTOR_PORT = 2256
LOOPBACK_HOSTS = ("127.0.0.1", "::1")

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server bears. Sizes in bytes, times in seconds."""

    body_bytes: int = 10 * MIB
    waiting_bytes: int = 256 * MIB
    api_body_bytes: int = 1 * MIB
    import_bytes: int = 64 * MIB
    streams: int = 128
    waits: int = 96  # with the streams fewer than the inspector's connections, so that one is left to ask
    shown_inline_bytes: int = 1 * MIB
    reply_delay_seconds: float = 30.0
    head_bytes: int = 256 * KIB
    head_seconds: float = 10.0
    body_idle_seconds: float = 30.0
    request_seconds: float = 300.0
    callback_connections: int = 512
    inspector_connections: int = 256


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept; the first bound that is reached counts, 0 is none. Pinned deliveries are exempt."""

    deliveries: int = 100_000
    bytes: int = 1 * GIB
    days: float = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One server's configuration.

    ``database`` None means a private temporary file that is removed at close (``:memory:``). Hosts are the
    addresses to bind; None means both loopback addresses. ``secret_env`` names the variable whose value, when
    ``environ`` has it, is a secret of ``/``. ``environ`` is where ``env:NAME`` secrets are read at use.
    ``schemes`` are the user's own by name, each a table of the options of ``hmac``.
    """

    database: Path | None = None
    port: int = CALLBACK_PORT
    inspector_port: int = INSPECTOR_PORT
    host: str | None = None
    inspector_host: str | None = None
    public_url: str | None = None
    secret_env: str = "CALLBACK_SECRET"
    token: str | None = field(default=None, repr=False)
    allow_hosts: tuple[str, ...] = ()
    behind_proxy: bool = False
    delivery_header: bool = True
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    environ: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    schemes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
