"""What came of sending: the reply, or why there is none, or both where it broke off."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector.models import HeaderPairs
from inspector.send.outgoing import Outgoing


class FailureClass(StrEnum):
    """What kept a whole reply from coming."""

    DNS = "dns"
    REFUSED = "refused"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    RESET = "reset"
    INVALID_HTTP = "invalid_http"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why no whole reply came: a class for programs and a sentence for people."""

    kind: FailureClass
    message: str


@dataclass(frozen=True, slots=True)
class Response:
    """A final reply as it came; the body is not decompressed. ``complete`` says whether it is whole."""

    http_version: str
    status: int
    headers: HeaderPairs
    body: bytes
    complete: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent, or tried to be.

    ``request`` is what went out, ``address`` the IP address and port that took it (None: none did), and
    ``seconds`` the time until the reply was whole or it failed.
    """

    request: Outgoing
    address: tuple[str, int] | None
    response: Response | None
    failure: Failure | None
    seconds: float
