"""How one sender signs, as a row of data. The engine reads rows; adding a sender is adding a row.

Header names stand here as the sender writes them; on the wire they are found whatever their letter case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

HeaderIndex = dict[bytes, list[bytes]]
"""The values of each header field of one message, in order, by lower-case name."""


class Part(Enum):
    """A piece of the message in signed content. Everything else in a template is literal bytes."""

    BODY = "body"
    TIMESTAMP = "timestamp"
    ID = "id"
    METHOD = "method"
    URL = "url"


class Encoding(StrEnum):
    """How a digest is written in the header."""

    HEX = "hex"
    BASE64 = "base64"


class SecretForm(StrEnum):
    """How the text of a secret becomes the key.

    ``TEXT`` takes its UTF-8 bytes as they are; ``WHSEC`` is base64 behind an optional ``whsec_``, the form of
    Standard Webhooks; ``HEX`` and ``BASE64`` are decoded.
    """

    TEXT = "text"
    WHSEC = "whsec"
    HEX = "hex"
    BASE64 = "base64"


class Unit(StrEnum):
    """What a timestamp counts since the Unix epoch."""

    SECONDS = "s"
    MILLISECONDS = "ms"

    @property
    def per_second(self) -> int:
        return 1 if self is Unit.SECONDS else 1000

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class HeaderName:
    """A header that a sender writes, with other names it may travel under. An empty one is found nowhere."""

    own: str
    others: tuple[str, ...] = ()
    spellings: tuple[tuple[bytes, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [name for name in (self.own, *self.others) if name]
        object.__setattr__(self, "spellings", tuple((name.lower().encode("ascii"), name) for name in names))

    def find(self, headers: HeaderIndex) -> tuple[str, list[bytes]]:
        """The first of its names that came, with all values; its own name and no values when none did."""
        for key, name in self.spellings:
            if key in headers:
                return name, headers[key]
        return self.own, []


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSyntax:
    """Where the digest stands and how it is written.

    With a ``separator`` the header is a list, in which the entries that begin with ``prefix`` count and all
    others are skipped. Without one, the whole value is one digest, and ``prefix_required`` says whether the
    sender always writes the prefix. ``lower_case`` and ``single`` are set where the sender's own verifier
    refuses upper-case hex digits, or reads exactly one header.
    """

    header: HeaderName
    prefix: bytes = b""
    prefix_required: bool = True
    separator: bytes | None = None
    encoding: Encoding = Encoding.HEX
    lower_case: bool = False
    single: bool = False


UNSIGNED = SignatureSyntax(header=HeaderName(""))
"""Stands in rows that are no sender's, where there is no header to look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSyntax:
    """Where the time of signing stands.

    The tolerance, in seconds, holds for past and future alike, inclusive. ``required`` is false where the
    sender's own verifier accepts a message without it.
    """

    header: HeaderName
    unit: Unit = Unit.SECONDS
    tolerance_seconds: int = 300
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One sender's way to sign.

    ``name`` is what endpoints and verdicts call it, ``sender`` what sentences do. ``content`` is what the
    digest covers. ``caveats`` are sentences that hold for everything the scheme signs: what is left
    uncovered, mostly. ``legacy`` is an older form that the sender still uses alone. ``second_opinion``
    names a verifier of the vendor whose answer stands beside ours. The rows ``auto`` and ``none`` are
    ``UNSIGNED``.
    """

    name: str
    sender: str
    docs_url: str | None = None
    signature: SignatureSyntax = UNSIGNED
    hash: str = "sha256"
    content: tuple[Part | bytes, ...] = (Part.BODY,)
    timestamp: TimestampSyntax | None = None
    message_id: HeaderName | None = None
    secret_form: SecretForm = SecretForm.TEXT
    refuses_empty_body: bool = False
    caveats: tuple[str, ...] = ()
    legacy: Scheme | None = None
    second_opinion: str | None = None

    def covers(self, part: Part) -> bool:
        """Whether the digest covers *part* of the message."""
        return part in self.content
