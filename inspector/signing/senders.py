"""The few senders that no row describes: what they sign lies in a form, in JSON fields, or in a token.

Each function takes a message, its headers and the values of the row's signature header, and returns a
``Reading``. None of them knows a secret or judges anything; that is the engine's part, the same for all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote_to_bytes

from inspector.models import Message
from inspector.signing import tokens
from inspector.signing.digests import Claim
from inspector.signing.json_fields import Unreadable, as_bytes, json_of, text_of
from inspector.signing.proving import Item
from inspector.signing.reading import Reading
from inspector.signing.scheme import HeaderIndex, Scheme
from inspector.signing.timestamps import Stamp

Reader = Callable[[Message, HeaderIndex, tuple[bytes, ...]], Reading]

_PORT = re.compile(r"(https?)://([^/?#]*?)(?::(\d*))?(?=[/?#]|$)", re.IGNORECASE)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_MOST_FIELDS = 2_000
"""Of a form: more take longer to read than a capture may wait. Twilio's longest have a hundred."""
_MOST_ESCAPES = 50_000
_MOST_SIGNATURES = 1_000
"""In one message, each of which takes a digest. Adyen sends six of them at most."""
_BODY_SHA256 = re.compile(r"[?&]bodySHA256=([^&#]*)")
_MAILGUN_FIELDS = ("timestamp", "token", "signature")
_ADYEN_FIELDS = (
    ("pspReference",),
    ("originalReference",),
    ("merchantAccountCode",),
    ("merchantReference",),
    ("amount", "value"),
    ("amount", "currency"),
    ("eventCode",),
    ("success",),
)
_SNS_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
_SNS_FIELDS["UnsubscribeConfirmation"] = _SNS_FIELDS["SubscriptionConfirmation"]
_SNS_OPTIONAL = "Subject"
_SNS_HASHES = {"1": "sha1", "2": "sha256"}
_SNS_CERTIFICATE = re.compile(r"https://sns\.[A-Za-z0-9-]{3,}\.amazonaws\.com(?:\.cn)?/[^?#\s]*\.pem")


def twilio(message: Message, headers: HeaderIndex, values: tuple[bytes, ...]) -> Reading:
    """The URL and each form field, sorted; any other body is bound by its SHA-256 in the URL's query.

    Twilio signs the URL with or without the port, so both are tried, as its own SDKs do. With a SharedKey the
    hash is another, which a second header says.
    """
    url = message.url or ""
    form = _is_form(headers, message.body)
    fields = _form_text(message.body) if form else b""
    settings = b",".join(headers.get(b"x-twilio-webhooks-signature-settings", ()))
    refuted = None
    if message.body and not form:
        refuted = _unbound(message.body, url)
    return Reading(
        values=values,
        noun="X-Twilio-Signature header",
        items=(Item([Claim(value) for value in values], [as_bytes(each) + fields for each in _ports(url)]),),
        refuted=refuted,
        hash="sha256" if b"algorithm=HMAC_SHA256" in settings.replace(b" ", b"") else "sha1",
    )


def _is_form(headers: HeaderIndex, body: bytes) -> bool:
    """Whether the body is a form: what says nothing of its type is one, unless it begins as JSON does."""
    kind = b",".join(headers.get(b"content-type", ()))
    if not kind:
        return body[:1] not in (b"{", b"[")
    return kind.partition(b";")[0].strip().lower() == b"application/x-www-form-urlencoded"


def _form_text(body: bytes) -> bytes:
    """Each name with each of its values, sorted and without repeats."""
    if body.count(b"%") > _MOST_ESCAPES:
        raise Unreadable(f"the form in the body has more than {_MOST_ESCAPES:,} escaped bytes")
    fields = {(_unescaped(name), _unescaped(value)) for name, value in _form_fields(body)}
    return b"".join([name + value for name, value in sorted(fields)])


def _form_fields(body: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a form as they stand in it."""
    if body.count(b"&") > _MOST_FIELDS:
        raise Unreadable(f"the form in the body has more than {_MOST_FIELDS:,} fields")
    return [(name, value) for name, _, value in (pair.partition(b"=") for pair in body.split(b"&") if pair)]


def _unescaped(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))


def _ports(url: str) -> list[str]:
    """*url* as it stands, without its port, and with the port that its scheme implies."""
    match = _PORT.match(url)
    if match is None:
        return [url]
    scheme, host, port = match.groups()
    rest = url[match.end() :]
    ports = ("", f":{port or _DEFAULT_PORTS[scheme.lower()]}")
    return list(dict.fromkeys([url, *(f"{scheme}://{host}{each}{rest}" for each in ports)]))


def _unbound(body: bytes, url: str) -> tuple[str, str] | None:
    stated = _BODY_SHA256.search(url)
    if stated is None:
        return (
            "body_unbound",
            "The URL is signed, but neither form fields nor a bodySHA256 bind the body to it.",
        )
    if stated[1].lower() != hashlib.sha256(body).hexdigest():
        return "unknown", "The URL is signed, but its bodySHA256 is not that of the body."
    return None


def mailgun(message: Message, _headers: HeaderIndex, _values: tuple[bytes, ...]) -> Reading:
    """The time and the token in the ``signature`` of the body, or in the fields of a form."""
    data = json_of(message.body)
    fields = data.get("signature") if isinstance(data, dict) else _mailgun_form(message.body)
    if not isinstance(fields, dict):
        return Reading(noun="signature in the body")
    stamp, token, signature = (as_bytes(text_of(fields.get(name))) for name in _MAILGUN_FIELDS)
    absent = next((name for name, value in (("timestamp", stamp), ("token", token)) if not value), None)
    return Reading(
        values=(signature,) if signature else (),
        noun="signature in the body",
        items=(Item([Claim(signature)], [stamp + token]),),
        stamp=Stamp("timestamp", "timestamp in the body", stamp),
        absent=None if absent is None else (absent, f"{absent} in the body"),
    )


def _mailgun_form(body: bytes) -> dict[str, object]:
    """The three fields that matter, of a form that may hold a whole mail. None of them counts twice."""
    found: dict[str, object] = {}
    for name, value in _form_fields(body):
        key = name.decode("latin-1")
        if key in _MAILGUN_FIELDS:
            if key in found:
                raise Unreadable("the form names a field twice, and programs disagree on which counts")
            found[key] = _unescaped(value).decode("utf-8", "replace")
    return found


def adyen(message: Message, _headers: HeaderIndex, values: tuple[bytes, ...]) -> Reading:
    """The body, where the signature stands in a header; else eight fields of each notification item."""
    if values:
        claims = [Claim(value) for value in values]
        return Reading(values, "HmacSignature header", (Item(claims, [message.body]),))
    noun = "hmacSignature in the body"
    data = json_of(message.body)
    listed = data.get("notificationItems") if isinstance(data, dict) else None
    signatures, items = [], []
    for each in _few(listed):
        item = each.get("NotificationRequestItem") if isinstance(each, dict) else None
        signature = as_bytes(text_of(_inside(item, ("additionalData", "hmacSignature"))))
        content = ":".join(text_of(_inside(item, path)) for path in _ADYEN_FIELDS)
        signatures.append(signature)
        items.append(Item([Claim(signature)], [as_bytes(content)]))
    if not any(signatures):
        return Reading(noun=noun)
    absent = None if all(signatures) else ("hmacSignature", "hmacSignature in each of the notification items")
    return Reading(tuple(signatures), noun, tuple(items), absent=absent)


def _few(listed: object) -> Sequence[object]:
    """The elements of what should be a list, each with a signature of its own."""
    if not isinstance(listed, list):
        return ()
    if len(listed) > _MOST_SIGNATURES:
        raise Unreadable(f"the body holds more than {_MOST_SIGNATURES:,} signatures")
    return listed


def _inside(value: object, path: Iterable[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def microsoft_graph(message: Message, _headers: HeaderIndex, _values: tuple[bytes, ...]) -> Reading:
    """The ``clientState`` of each notification, which is the secret itself."""
    noun = "clientState in the body"
    data = json_of(message.body)
    listed = data.get("value") if isinstance(data, dict) else None
    states = [as_bytes(text_of(_inside(each, ("clientState",)))) for each in _few(listed)]
    if not any(states):
        return Reading(noun=noun)
    absent = None if all(states) else ("clientState", "clientState in each of the notifications")
    return Reading(tuple(states), noun, tuple(Item([Claim(state)], [b""]) for state in states), absent=absent)


def aws_sns(message: Message, _headers: HeaderIndex, _values: tuple[bytes, ...]) -> Reading:
    """The message's fields by name and value, a line each; the certificate must be SNS's by its address."""
    noun = "Signature in the body"
    data = json_of(message.body)
    if not isinstance(data, dict) or not text_of(data.get("Signature")):
        return Reading(noun=noun)
    signature = as_bytes(text_of(data["Signature"]))
    names = _SNS_FIELDS.get(text_of(data.get("Type")), ())
    absent = next((name for name in names if name != _SNS_OPTIONAL and name not in data), None)
    lines = [f"{name}\n{text_of(data[name])}\n" for name in names if data.get(name) is not None]
    version = text_of(data.get("SignatureVersion"))
    trouble = None
    if not names:
        trouble = "signature_format", "The Type in the body is none that SNS signs."
    elif version not in _SNS_HASHES:
        trouble = "signature_format", "The SignatureVersion in the body is neither 1 nor 2."
    elif not _SNS_CERTIFICATE.fullmatch(text_of(data.get("SigningCertURL"))):
        trouble = (
            "signature_format",
            "The SigningCertURL in the body is no address of SNS: its certificate proves nothing.",
        )
    return Reading(
        values=(signature,),
        noun=noun,
        items=(Item([Claim(signature)], [as_bytes("".join(lines))]),),
        absent=None if absent is None else (absent, f"{absent} in the body"),
        trouble=trouble,
        hash=_SNS_HASHES.get(version, ""),
    )


READERS: dict[str, Reader] = {
    "twilio": twilio,
    "mailgun": mailgun,
    "adyen": adyen,
    "microsoft-graph": microsoft_graph,
    "aws-sns": aws_sns,
    "qstash": tokens.qstash,
    "plaid": tokens.plaid,
}
"""By the ``code`` of a row."""


def read(scheme: Scheme, message: Message, headers: HeaderIndex, values: Sequence[bytes] = ()) -> Reading:
    """What the code of *scheme* finds in *message*; where the code fails, a ``Reading`` that says so."""
    try:
        return READERS[scheme.code](message, headers, tuple(values[:_MOST_SIGNATURES]))
    except Unreadable as refusal:
        in_body = scheme.signature.in_body
        came = tuple(values) or ((b"",) if in_body else ())
        noun = f"{in_body} in the body" if in_body else f"{scheme.signature.header.own} header"
        return Reading(came, noun, failure=str(refusal))
    except Exception as error:  # noqa: BLE001 - whatever it stumbles over was written by a stranger
        return Reading((b"",), scheme.signature.in_body, failure=f"{type(error).__name__}: {error}")
