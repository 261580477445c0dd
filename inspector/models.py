"""The nouns of the project: what is received, how it was judged, what was answered.

Everything here is an immutable value without behaviour beyond reading itself. Times are aware UTC, sizes are
bytes, durations are seconds. Rooms exchange these values and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

HeaderPairs = tuple[tuple[bytes, bytes], ...]
"""Header fields in the order received, repeats and letter case kept."""

NOTHING: Mapping[str, object] = MappingProxyType({})

Row = TypeVar("Row")


def header_values(headers: HeaderPairs, name: bytes) -> list[bytes]:
    """The values of every field called *name* (lower case), in order."""
    return [value for key, value in headers if key.lower() == name]


def utc_from_ns(nanoseconds: int) -> datetime:
    """The aware UTC time of *nanoseconds* since the Unix epoch, to the microsecond."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


class VerificationStatus(StrEnum):
    """The verdict on a delivery. Only ``VALID`` means that bytes, key and time are right."""

    VALID = "valid"
    INVALID = "invalid"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    MISSING = "missing"
    UNCONFIGURED = "unconfigured"
    UNAVAILABLE = "unavailable"


class SignatureState(StrEnum):
    """What is known of the digest alone, whatever the time says."""

    MATCH = "match"
    MISMATCH = "mismatch"
    MISSING = "missing"
    MALFORMED = "malformed"
    NOT_CHECKED = "not_checked"


class TimestampState(StrEnum):
    """What is known of the sender's timestamp alone, whatever the digest says."""

    FRESH = "fresh"
    STALE = "stale"
    FUTURE = "future"
    MISSING = "missing"
    MALFORMED = "malformed"
    NOT_USED = "not_used"


@dataclass(frozen=True, slots=True)
class SdkVerdicts:
    """What Blaxel's two official SDKs would have answered to the same callback."""

    python: bool
    typescript: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one delivery, with the facts it stands on.

    ``bool(verification)`` is true only for ``valid``. ``age_seconds`` is arrival time minus the sender's
    timestamp, negative when that lies in the future. ``cause`` is a code for programs, ``reason`` a sentence
    for people. ``warned`` says that a warning is about this delivery itself; the others hold for everything
    that its scheme signs.
    """

    status: VerificationStatus
    signature: SignatureState
    timestamp: TimestampState
    scheme: str
    reason: str
    cause: str
    secret: str | None = None
    age_seconds: int | None = None
    warnings: tuple[str, ...] = ()
    warned: bool = False
    sdk: SdkVerdicts | None = None

    def __bool__(self) -> bool:
        return self.status is VerificationStatus.VALID


@dataclass(frozen=True, slots=True)
class Secret:
    """A shared secret with the name it is registered under. The value never appears in ``repr``."""

    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecretInfo:
    """What may be told of a registered secret: everything but its value.

    ``source`` is ``stored`` or ``env``. ``fingerprint`` is eight hex digits, None when the variable is unset.
    """

    name: str
    source: str
    fingerprint: str | None
    created_at: datetime
    env: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """The part of a request that a signature can cover. ``url`` is the full URL as the sender knows it."""

    body: bytes
    headers: HeaderPairs
    method: str = "POST"
    url: str | None = None
    complete: bool = True


class Framing(StrEnum):
    """How a request says where its body ends (RFC 9112, 6)."""

    NONE = "none"
    LENGTH = "content-length"
    CHUNKED = "chunked"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request exactly as it came.

    ``target`` is the request target as sent, query included. ``received_ns`` is when the head was complete,
    in nanoseconds since the Unix epoch. ``incomplete_reason`` says why the body is not whole (None: it is).
    ``head`` has the exact bytes of request line and header fields, empty where they are not known: in what
    was imported, mostly. ``chunks`` counts the chunks of a chunked body; ``flags`` are codes for what was odd
    on the wire.
    """

    method: str
    target: bytes
    http_version: str
    headers: HeaderPairs
    body: bytes
    client: str
    received_ns: int
    trailers: HeaderPairs = ()
    incomplete_reason: str | None = None
    head: bytes = b""
    framing: Framing = Framing.NONE
    chunks: int = 0
    flags: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return self.incomplete_reason is None

    @property
    def received_at(self) -> datetime:
        return utc_from_ns(self.received_ns)

    @property
    def path(self) -> str:
        """The target as text, byte for byte (latin-1): what lists and filters show."""
        return self.target.decode("latin-1")

    @property
    def content_type(self) -> str | None:
        values = header_values(self.headers, b"content-type")
        return values[0].decode("latin-1") if values else None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a sender is answered. ``delay_seconds`` passes between storing and answering."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    delay_seconds: float = 0.0


class Fault(StrEnum):
    """What can go wrong with a reply on purpose. No head is sent, but for ``HALF``."""

    RESET = "reset"
    CLOSE = "close"
    TIMEOUT = "timeout"
    GARBAGE = "garbage"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Scripted:
    """How a reply is given that comes from an endpoint's script.

    ``entry`` is the script's entry, counted from 1. A ``fault`` takes the place of the reply, or of its
    second half. With ``hold`` the reply waits until it is released: ``held_seconds`` says for how long it
    did, None while it does.
    """

    entry: int
    fault: Fault | None = None
    hold: bool = False
    held_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A registered path with its scheme, tolerance and reply. Its secrets live in the store's secrets file.

    ``tolerance_seconds`` None means the scheme's own; ``public_url`` is what the sender uses when a tunnel or
    proxy stands in between. ``handshake`` says whose handshakes are answered: those of any sender that is
    known (``auto``), of nobody (``off``), or of the sender that it names; ``verify_token`` is what Meta's has
    to know. ``cors`` lets the scripts of every web page call it and read its reply.
    """

    id: str
    path: str
    created_at: datetime
    name: str = ""
    scheme: str = "auto"
    scheme_options: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    tolerance_seconds: int | None = None
    public_url: str | None = None
    reject_invalid: bool = False
    reply: Reply = field(default_factory=Reply)
    cors: bool = False
    handshake: str = "auto"
    verify_token: str | None = None


@dataclass(frozen=True, slots=True)
class EndpointActivity:
    """How many deliveries an endpoint keeps, and when the last one came."""

    deliveries: int = 0
    last_received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A judged request on its way into the store.

    ``message_id`` None means that it cannot be an attempt of another. ``answered`` False means that nobody
    waits for the reply (it was read from a file), or that it is not sent as soon as its delay is over, but
    held, or not at all.
    """

    endpoint_id: str
    request: Request
    verification: Verification
    reply: Reply
    message_id: str | None
    note: str = ""
    pinned: bool = False
    answered: bool = True
    scripted: Scripted | None = None


@dataclass(frozen=True, slots=True)
class SentReply:
    """The reply a delivery got. ``completed`` is false while it is not sent, or when the sender was gone.

    ``scripted`` None: it was the endpoint's own, or one that has to take its place.
    """

    reply: Reply
    sent_at: datetime | None = None
    completed: bool = True
    scripted: Scripted | None = None


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """One row of a list: everything that can be told without reading headers or body."""

    id: int
    endpoint_id: str
    received_at: datetime
    method: str
    path: str
    content_type: str | None
    body_size: int
    complete: bool
    status: VerificationStatus
    reason: str
    warned: bool
    reply_status: int
    message_id: str | None
    attempt: int
    client: str
    note: str
    pinned: bool
    revision: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One received request with its verification and the reply it got."""

    id: int
    endpoint_id: str
    request: Request
    verification: Verification
    sent: SentReply
    message_id: str | None
    attempt: int
    note: str
    pinned: bool
    revision: int


@dataclass(frozen=True, slots=True)
class NewMalformed:
    """What came on a connection and is no HTTP request: no delivery, but not to be lost either.

    ``raw`` has its first bytes, ``size`` says how many came, ``reason`` is a sentence for a person and
    ``status`` what the sender was answered (0: nothing, it was gone). ``listener`` is the local port.
    """

    received_ns: int
    client: str
    listener: int
    raw: bytes
    size: int
    reason: str
    status: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """A stored ``NewMalformed``."""

    id: int
    received_at: datetime
    client: str
    listener: int
    raw: bytes
    size: int
    reason: str
    status: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """A slice of a keyset-paged list.

    ``cursor`` is the last id examined, ``more`` whether rows lie beyond it.
    """

    rows: tuple[Row, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a running server listens. URLs end with a slash; ports are those really bound."""

    callback_url: str
    inspector_url: str
    callback_port: int
    inspector_port: int
