"""How one sender signs, as a row of data. The engine reads rows; adding a sender is adding a row.

Header names stand here as the sender writes them; on the wire they are found whatever their letter case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum

HeaderIndex = dict[bytes, list[bytes]]
"""The values of each header field of one message, in order, by lower-case name."""


class Part(Enum):
    """A piece of what is signed. A template holds these, literal bytes, and names of other headers.

    ``DECODED_URL`` has the escapes undone that HubSpot undoes, ``CANONICAL_BODY`` is JSON in the one form
    of RFC 8785, ``BODY_SHA256`` is in hex and ``BODY_CRC32`` in decimal, ``FORM`` are the sorted fields of
    a form, ``FIELDS`` some of a JSON document's. ``KEY`` is the text of the secret itself, or the id that
    stands before a certificate.
    """

    BODY = "body"
    TIMESTAMP = "timestamp"
    ID = "id"
    METHOD = "method"
    URL = "url"
    DECODED_URL = "decoded_url"
    CANONICAL_BODY = "canonical_body"
    BODY_SHA256 = "body_sha256"
    BODY_CRC32 = "body_crc32"
    FORM = "form"
    FIELDS = "fields"
    KEY = "key"


_STANDS_FOR = {
    Part.DECODED_URL: Part.URL,
    Part.CANONICAL_BODY: Part.BODY,
    Part.BODY_SHA256: Part.BODY,
    Part.BODY_CRC32: Part.BODY,
    Part.FORM: Part.BODY,
}


class Algorithm(StrEnum):
    """How key and content become what the signature holds.

    ``HASH`` is a bare hash of content that has the secret in it; under ``EQUALITY`` the secret itself is sent
    along. The others are checked with a public key.
    """

    HMAC = "HMAC"
    HASH = "hash"
    EQUALITY = "equality"
    ED25519 = "Ed25519"
    ECDSA = "ECDSA P-256"
    RSA = "RSA"

    @property
    def asymmetric(self) -> bool:
        return self in (Algorithm.ED25519, Algorithm.ECDSA, Algorithm.RSA)


class Encoding(StrEnum):
    """How a signature is written."""

    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"
    TEXT = "text"


class SecretForm(StrEnum):
    """How the text of a secret becomes the key.

    ``TEXT`` takes its UTF-8 bytes as they are; ``WHSEC`` is base64 behind an optional ``whsec_``, the form
    of Standard Webhooks; ``WHSEC_OR_TEXT`` is base64 behind ``whsec_`` and text without; ``HEX`` and
    ``BASE64`` are decoded; ``SIGNKEY`` is text behind ``signkey-ENVIRONMENT-``. ``PUBLIC_KEY`` is a key or
    certificate, and ``ID_AND_KEY`` has an id on a line before it.
    """

    TEXT = "text"
    WHSEC = "whsec"
    WHSEC_OR_TEXT = "whsec-or-text"
    HEX = "hex"
    BASE64 = "base64"
    SIGNKEY = "signkey"
    PUBLIC_KEY = "public-key"
    ID_AND_KEY = "id-and-key"


class Unit(StrEnum):
    """How a timestamp is written: as a count since the Unix epoch, or as a date of ISO 8601."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    ISO = "iso"

    @property
    def per_second(self) -> int:
        return 1000 if self is Unit.MILLISECONDS else 1

    @property
    def word(self) -> str:
        return "an ISO 8601 date" if self is Unit.ISO else self.name.lower()


class Age(StrEnum):
    """What an age beyond the tolerance does to a delivery that is signed right.

    ``WARNS`` is for senders whose own verifiers look at no clock; a tolerance that the user sets is held
    all the same. ``IGNORED`` is for dates that are signed and yet say nothing of when it was sent.
    """

    EXPIRES = "expires"
    WARNS = "warns"
    IGNORED = "ignored"


class Sureness(StrEnum):
    """What a row rests on, surest first."""

    VERIFIER = "checked against the sender's own verifier"
    PUBLISHED = "checked against values that the sender publishes"
    INDEPENDENT = "checked against an independent verifier"
    DOCUMENTED = "read in the sender's documentation or code"
    UNSURE = "from a second source: unsure"
    OWN = "as you describe it"


@dataclass(frozen=True, slots=True)
class HeaderName:
    """A header that a sender writes, with other names it may travel under. An empty one is found nowhere.

    With ``every`` the names are no spellings of one another: the sender writes one header for each of its
    keys, and all that came count.
    """

    own: str
    others: tuple[str, ...] = ()
    every: bool = False
    spellings: tuple[tuple[bytes, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [name for name in (self.own, *self.others) if name]
        object.__setattr__(self, "spellings", tuple((name.lower().encode("ascii"), name) for name in names))

    def find(self, headers: HeaderIndex) -> tuple[str, list[bytes]]:
        """The first of its names that came, with all values; its own name and no values when none did."""
        for key, name in self.spellings:
            if key in headers:
                if self.every:
                    return name, [value for each, _ in self.spellings for value in headers.get(each, ())]
                return name, headers[key]
        return self.own, []


def numbered(name: str, last: int) -> HeaderName:
    """The headers *name*1 to *name* and *last*, of which the sender writes one for each of its keys."""
    own, *others = (f"{name}{number}" for number in range(1, last + 1))
    return HeaderName(own, tuple(others), every=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSyntax:
    """Where the signature stands and how it is written.

    With a ``separator`` the header is a list, in which the entries that begin with ``prefix`` count and all
    others are skipped; ``blanks`` allows white space between them. Without one, the whole value is one
    signature, and ``prefix_required`` says whether the sender always writes the prefix. ``lower_case`` and
    ``single`` are set where the sender's own verifier refuses upper-case hex digits, or reads exactly one
    header. ``compared_as_text`` is set where it compares text, so that what cannot be read is just another
    signature. ``in_body`` names the place where the signature stands in the body, when it may stand there.
    """

    header: HeaderName
    prefix: bytes = b""
    prefix_required: bool = True
    separator: bytes | None = None
    blanks: bool = False
    encoding: Encoding = Encoding.HEX
    lower_case: bool = False
    single: bool = False
    compared_as_text: bool = False
    in_body: str = ""


UNSIGNED = SignatureSyntax(header=HeaderName(""))
"""Stands in rows that are no sender's, where there is no header to look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSyntax:
    """Where the time of signing stands: in a header; behind ``key`` in the list of one; or in the body.

    ``json_path`` are the names that lead to it in a JSON body; ``claim`` is the name of a claim of a signed
    token. The tolerance, in seconds, is inclusive and holds for past and future alike, unless ``future``,
    where the sender's own verifier lets any future time pass. ``required`` is false where it accepts a
    message without a timestamp.
    """

    header: HeaderName = HeaderName("")
    key: bytes = b""
    json_path: tuple[str, ...] = ()
    claim: str = ""
    unit: Unit = Unit.SECONDS
    tolerance_seconds: int = 300
    required: bool = True
    future: bool = False
    age: Age = Age.EXPIRES


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One sender's way to sign.

    ``name`` is what endpoints and verdicts call it, ``sender`` what sentences do. ``content`` is what the
    signature covers. ``caveats`` are sentences that hold for everything the scheme signs: what is left
    uncovered, mostly. ``legacy`` is an older form that the sender still uses alone. ``second_opinion``
    names a verifier of the vendor whose answer stands beside ours, ``code`` the function in ``senders`` that
    reads what no row can describe. ``needs`` are packages of the extra ``signatures``. ``key_note`` says
    which secret of the sender's it is, and ``sure`` what the row rests on.

    ``marks`` tell its messages from those of senders with the same header: names of headers (``NAME`` or
    ``NAME: value``) one of which is enough; ``body_marks`` are bytes that its bodies all hold. With
    ``detected`` False its header is too common to tell anything without such a mark. The rows ``auto`` and
    ``none`` are ``UNSIGNED``; ``among`` are the user's own rows that ``auto`` looks for too.
    """

    name: str
    sender: str
    docs_url: str | None = None
    signature: SignatureSyntax = UNSIGNED
    algorithm: Algorithm = Algorithm.HMAC
    hash: str = "sha256"
    content: tuple[Part | bytes | HeaderName, ...] = (Part.BODY,)
    timestamp: TimestampSyntax | None = None
    message_id: HeaderName | None = None
    secret_form: SecretForm = SecretForm.TEXT
    key_note: str = ""
    refuses_empty_body: bool = False
    caveats: tuple[str, ...] = ()
    legacy: Scheme | None = None
    second_opinion: str | None = None
    code: str = ""
    needs: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    body_marks: tuple[bytes, ...] = ()
    detected: bool = True
    sure: Sureness = Sureness.VERIFIER
    among: tuple[Scheme, ...] = ()
    body_alone: bool = field(init=False, repr=False, compare=False)
    covered: frozenset[Part] = field(init=False, repr=False, compare=False)
    header_parts: tuple[HeaderName, ...] = field(init=False, repr=False, compare=False)
    reads_json: bool = field(init=False, repr=False, compare=False)
    mark_headers: tuple[tuple[bytes, bytes], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = {part for part in self.content if isinstance(part, Part)}
        parts |= {_STANDS_FOR[part] for part in parts if part in _STANDS_FOR}
        time = self.timestamp
        if time is not None and (time.claim or (time.json_path and Part.BODY in parts)):
            parts.add(Part.TIMESTAMP)
        object.__setattr__(self, "body_alone", self.content == (Part.BODY,))
        object.__setattr__(self, "covered", frozenset(parts))
        names = tuple(part for part in self.content if isinstance(part, HeaderName))
        object.__setattr__(self, "header_parts", names)
        dated_inside = time is not None and bool(time.json_path)
        object.__setattr__(self, "reads_json", Part.CANONICAL_BODY in self.content or dated_inside)
        marks = [mark.lower().encode("ascii").partition(b": ") for mark in self.marks]
        object.__setattr__(self, "mark_headers", tuple((name, value) for name, _, value in marks))

    @property
    def signs(self) -> bool:
        """Whether it is a sender's way at all: ``auto`` and ``none`` are not."""
        return bool(self.signature.header.own or self.signature.in_body)

    @property
    def timestamp_header(self) -> str:
        """The header that is the timestamp alone, as the sender writes its name; empty where none is."""
        return "" if self.timestamp is None or self.timestamp.key else self.timestamp.header.own

    def covers(self, part: Part) -> bool:
        """Whether the signature covers *part* of the message."""
        return part in self.covered
