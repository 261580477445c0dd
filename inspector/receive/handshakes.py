"""Handshakes: what some senders ask of a receiver before they deliver, and the answer that each wants.

Pure: a request, its verdict and the endpoint's settings go in, a reply comes out. An address that a sender
names is only shown, never fetched: whoever could make the server do that could make it ask anything.

Sources: the vendors' documentation of webhooks: Slack ("URL verification handshake"), Zoom ("Validate your
webhook endpoint"), Discord ("Preparing for Interactions", "Webhook Events"), Meta ("Verification Requests"),
Dropbox ("Verification request"), Asana ("The webhook handshake"), Okta ("One-time verification request"),
Microsoft Graph ("notificationUrl validation"), AWS ("HTTP/HTTPS subscription confirmation"), Notion
("Verifying a subscription"), Adyen ("Accept notifications"); WooCommerce's ``WC_Webhook::deliver_ping``.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from hmac import compare_digest
from urllib.parse import unquote_to_bytes

from inspector.models import Endpoint, Reply, Request, Secret, Verification, VerificationStatus, header_values
from inspector.receive.replies import FIELD_VALUE, INVALID_SIGNATURE, NO_SNIFFING, TEXT

OFF = "off"
AUTO = "auto"

BODY_BYTES = 64 * 1024
"""No handshake is longer; what is, is not looked into."""

TOKEN_BYTES = 4096
"""No challenge is longer: nobody is to have his own long text sent back to him."""

JSON_TYPE = ("Content-Type", "application/json")

_SNS_ADDRESS = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[!-~]*")
_PING = re.compile(rb"webhook_id=[0-9]{1,18}")


class Answered(Enum):
    """When a handshake gets its answer. The value ends "it gets that …"."""

    ALWAYS = "whatever the signature says: it is not signed"
    UNLESS_REJECTED = "unless the endpoint rejects what is not valid"
    REFUSING = "when its signature is valid; a bad one gets 401, which the sender tests on purpose"
    KEYED = "when the signature of its own scheme is valid: the answer is made with the secret"
    KNOWN = "when it has the endpoint's verify token"
    BY_PERSON = "by a person"


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a sender asks.

    ``asks`` is a sentence; ``signed`` says that the sender signs it like everything else. ``answer`` is the
    reply it wants; of one that is ``KEYED``, its beginning. ``todo`` says what is left to a person, with the
    address to visit in ``link`` or the value to copy in ``token``. ``genuine`` is false when the address is
    not one of the sender's own.
    """

    sender: str
    asks: str
    when: Answered
    answer: Reply | None = None
    todo: str = ""
    link: str | None = None
    token: str | None = None
    genuine: bool = True
    signed: bool = False

    def is_answered_by(self, reply: Reply) -> bool:
        """Whether *reply*, which was sent, is the answer that it wants."""
        wanted = self.answer
        return (
            wanted is not None
            and reply.status == wanted.status
            and reply.body.startswith(wanted.body)
            and set(wanted.headers) <= set(reply.headers)
        )

    def outcome(self, reply: Reply) -> str:
        """What was asked and what came of it, in one or two sentences, when *reply* was sent."""
        if self.answer is None:
            return self.asks
        if self.is_answered_by(reply):
            return f"{self.asks} It got that."
        return f"{self.asks} It did not get that. Where handshakes are on, it does {self.when.value}."


class Asked:
    """A request as the handshakes look at it: parts are read when one of them asks."""

    __slots__ = ("_json", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self._json: Mapping[str, object] | None = None

    def header(self, name: bytes) -> str | None:
        """The only value of the header *name* (lower case); None when there are none, or several."""
        values = header_values(self.request.headers, name)
        if len(values) != 1 or not 0 < len(values[0]) <= TOKEN_BYTES:
            return None
        value = values[0].decode("latin-1")
        return value if FIELD_VALUE.fullmatch(value) else None

    def parameter(self, name: bytes) -> bytes | None:
        """The only value of the query parameter *name*, decoded; None when there are none, or several."""
        _, _, query = self.request.target.partition(b"?")
        if name not in query:
            return None
        pairs = [part.partition(b"=") for part in query.split(b"&")]
        values = [_unquoted(value) for key, _, value in pairs if _unquoted(key) == name]
        return values[0] if len(values) == 1 and 0 < len(values[0]) <= TOKEN_BYTES else None

    def json(self, mark: bytes) -> Mapping[str, object]:
        """The object that the body is, when the bytes *mark* are in it; else one without members."""
        body = self.request.body
        if len(body) > BODY_BYTES or mark not in body:
            return {}
        if self._json is None:
            try:
                value = json.loads(body)
            except (ValueError, RecursionError):
                value = None
            self._json = value if isinstance(value, dict) else {}
        return self._json


def _slack(asked: Asked) -> Handshake | None:
    body = asked.json(b"url_verification")
    challenge = _text(body.get("challenge"))
    if body.get("type") != "url_verification" or challenge is None:
        return None
    return Handshake(
        "slack",
        "Slack asks for the challenge back.",
        Answered.UNLESS_REJECTED,
        Reply(headers=(TEXT, NO_SNIFFING), body=challenge.encode("utf-8", "replace")),
        signed=True,
    )


def _zoom(asked: Asked) -> Handshake | None:
    body = asked.json(b"endpoint.url_validation")
    payload = body.get("payload")
    token = _text(payload.get("plainToken")) if isinstance(payload, dict) else None
    if body.get("event") != "endpoint.url_validation" or token is None:
        return None
    opening = f'{{"plainToken":{json.dumps(token)},"encryptedToken":"'
    return Handshake(
        "zoom",
        "Zoom asks for its token back, with the digest that the secret gives of it.",
        Answered.KEYED,
        Reply(headers=(JSON_TYPE,), body=opening.encode("ascii")),
        token=token,
        signed=True,
    )


def _discord(asked: Asked) -> Handshake | None:
    body = asked.json(b"application_id")
    kind = body.get("type")
    if isinstance(kind, bool) or kind not in (0, 1) or "application_id" not in body:
        return None
    pong = Reply(headers=(JSON_TYPE,), body=b'{"type":1}') if kind else Reply(204, (JSON_TYPE,))
    asks = "Discord asks whether somebody is there."
    return Handshake("discord", asks, Answered.REFUSING, pong, signed=True)


def _meta(asked: Asked) -> Handshake | None:
    challenge, token = asked.parameter(b"hub.challenge"), asked.parameter(b"hub.verify_token")
    if asked.parameter(b"hub.mode") != b"subscribe" or challenge is None or token is None:
        return None
    return Handshake(
        "meta",
        "Meta asks for the challenge back, from whoever knows the verify token.",
        Answered.KNOWN,
        Reply(headers=(TEXT, NO_SNIFFING), body=challenge),
        token=token.decode("utf-8", "replace"),
    )


def _dropbox(asked: Asked) -> Handshake | None:
    challenge = asked.parameter(b"challenge")
    if challenge is None:
        return None
    answer = Reply(headers=(TEXT, NO_SNIFFING), body=challenge)
    return Handshake("dropbox", "Dropbox asks for the challenge back.", Answered.ALWAYS, answer)


def _okta(asked: Asked) -> Handshake | None:
    challenge = asked.header(b"x-okta-verification-challenge")
    if challenge is None:
        return None
    body = json.dumps({"verification": challenge}, separators=(",", ":")).encode("ascii")
    answer = Reply(headers=(JSON_TYPE,), body=body)
    return Handshake("okta", "Okta asks for the challenge back, as JSON.", Answered.ALWAYS, answer)


def _asana(asked: Asked) -> Handshake | None:
    key = asked.header(b"x-hook-secret")
    if key is None:
        return None
    return Handshake(
        "asana",
        "Asana hands over the secret that it signs with from now on, and asks for the header back.",
        Answered.ALWAYS,
        Reply(headers=(JSON_TYPE, ("X-Hook-Secret", key))),
        todo="Add the value of X-Hook-Secret to the endpoint's secrets.",
        token=key,
    )


def _microsoft_graph(asked: Asked) -> Handshake | None:
    token = asked.parameter(b"validationToken")
    if token is None:
        return None
    answer = Reply(headers=(TEXT, NO_SNIFFING), body=token)
    return Handshake("microsoft-graph", "Microsoft Graph asks for the token back.", Answered.ALWAYS, answer)


def _woocommerce(asked: Asked) -> Handshake | None:
    if not _PING.fullmatch(asked.request.body):
        return None
    return Handshake(
        "woocommerce", "WooCommerce tries the address: it asks for 200.", Answered.ALWAYS, Reply()
    )


def _sns(asked: Asked) -> Handshake | None:
    body = asked.json(b"SubscribeURL")
    kind, link = body.get("Type"), _text(body.get("SubscribeURL"))
    if kind not in ("SubscriptionConfirmation", "UnsubscribeConfirmation") or link is None:
        return None
    genuine = _SNS_ADDRESS.fullmatch(link) is not None
    if not genuine:
        todo = "SubscribeURL is no address of AWS SNS: do not open it unless you know who sent this."
    elif kind == "SubscriptionConfirmation":
        todo = "Open SubscribeURL to confirm the subscription. It is never opened from here."
    else:
        todo = "Open SubscribeURL only to subscribe again. It is never opened from here."
    asks = "AWS SNS asks to have the subscription confirmed."
    if kind == "UnsubscribeConfirmation":
        asks = "AWS SNS says that the subscription has ended."
    return Handshake("aws-sns", asks, Answered.BY_PERSON, todo=todo, link=link, genuine=genuine, signed=True)


def _notion(asked: Asked) -> Handshake | None:
    body = asked.json(b"verification_token")
    token = _text(body.get("verification_token"))
    if token is None or len(body) > 1:
        return None
    return Handshake(
        "notion",
        "Notion hands over its verification token, which it signs with from now on.",
        Answered.BY_PERSON,
        todo="Paste the token into Notion's form, and add it to the endpoint's secrets.",
        token=token,
    )


def _adyen(asked: Asked) -> Handshake | None:
    body = asked.json(b"notificationItems")
    if not isinstance(body.get("notificationItems"), list) or "live" not in body:
        return None
    answer = Reply(headers=(TEXT, NO_SNIFFING), body=b"[accepted]")
    asks = "Adyen asks for [accepted], with every notification."
    return Handshake("adyen", asks, Answered.UNLESS_REJECTED, answer, signed=True)


_BY_METHOD: Mapping[str, Mapping[str, Callable[[Asked], Handshake | None]]] = {
    "GET": {"meta": _meta, "okta": _okta, "dropbox": _dropbox},
    "POST": {
        "asana": _asana,
        "microsoft-graph": _microsoft_graph,
        "woocommerce": _woocommerce,
        "slack": _slack,
        "zoom": _zoom,
        "discord": _discord,
        "aws-sns": _sns,
        "notion": _notion,
        "adyen": _adyen,
    },
}

SENDERS = tuple(sorted(name for senders in _BY_METHOD.values() for name in senders))
"""The senders whose handshakes are known."""

CHOICES = (AUTO, OFF, *SENDERS)
"""What an endpoint's ``handshake`` may be."""


_MARKS = re.compile(
    rb'"(?:url_verification|endpoint\.url_validation|application_id|SubscribeURL|verification_token'
    rb'|notificationItems)"'
)
_HEADERS = frozenset((b"x-okta-verification-challenge", b"x-hook-secret"))


def _may_be_one(request: Request) -> bool:
    """Whether *request* has anything of a handshake; hardly any has, and this is a tenth of the looking."""
    body = request.body
    if b"?" in request.target or body.startswith(b"webhook_id="):
        return True
    if len(body) <= BODY_BYTES and _MARKS.search(body):
        return True
    return not _HEADERS.isdisjoint([name.lower() for name, _ in request.headers])


def recognise(request: Request, choice: str = AUTO) -> Handshake | None:
    """The handshake that *request* is, of the sender that *choice* names or of any; None when it is none."""
    senders = _BY_METHOD.get(request.method, {})
    if choice == AUTO:
        if not _may_be_one(request):
            return None
        asked = Asked(request)
        return next((found for look in senders.values() if (found := look(asked))), None)
    return senders[choice](Asked(request)) if choice in senders else None


def answer_to(
    handshake: Handshake, endpoint: Endpoint, verification: Verification, secrets: Sequence[Secret]
) -> Reply | None:
    """The answer that *endpoint* gives; None leaves the reply to others.

    *secrets* are those that *verification* was made with.
    """
    answer = handshake.answer
    if answer is None:
        return None
    match handshake.when:
        case Answered.UNLESS_REJECTED:
            return None if endpoint.reject_invalid and not verification else answer
        case Answered.REFUSING:
            return answer if verification or not _is_judged(verification) else INVALID_SIGNATURE
        case Answered.KEYED:
            # Another sender's signature says nothing: what that one signs, others may have written.
            by_sender = handshake.sender in (verification.scheme, endpoint.handshake)
            return _with_digest(handshake, verification, secrets) if by_sender else None
        case Answered.KNOWN:
            return _if_known(handshake, endpoint.verify_token)
        case _:
            return answer


def _is_judged(verification: Verification) -> bool:
    unjudged = (VerificationStatus.UNCONFIGURED, VerificationStatus.UNAVAILABLE)
    return verification.status not in unjudged


def _with_digest(handshake: Handshake, verification: Verification, secrets: Sequence[Secret]) -> Reply | None:
    """Zoom's answer. Without a valid signature there is none: any text could be had signed that way."""
    keys = [secret.value for secret in secrets if secret.name == verification.secret]
    if not verification or not keys or handshake.answer is None or handshake.token is None:
        return None
    key, token = keys[0].encode("utf-8", "surrogateescape"), handshake.token.encode("utf-8", "replace")
    digest = hmac.digest(key, token, "sha256").hex()
    return replace(handshake.answer, body=b'%s%s"}' % (handshake.answer.body, digest.encode("ascii")))


def _if_known(handshake: Handshake, verify_token: str | None) -> Reply | None:
    """Meta's answer. Without a token of the endpoint there is nothing to compare with, and no answer."""
    if verify_token is None or handshake.token is None:
        return None
    if compare_digest(handshake.token.encode("utf-8", "replace"), verify_token.encode("utf-8", "replace")):
        return handshake.answer
    return Reply(403, (TEXT, NO_SNIFFING), b"The verify token is not this endpoint's.\n")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= TOKEN_BYTES else None


def _unquoted(part: bytes) -> bytes:
    return unquote_to_bytes(part.replace(b"+", b" "))
