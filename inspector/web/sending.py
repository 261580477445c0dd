"""Sending: signed or spoilt test callbacks from an endpoint to itself, for the API and the page alike."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from inspector import signing
from inspector.errors import InvalidInput
from inspector.models import Endpoint, VerificationStatus, header_values
from inspector.receive.replies import DELIVERY_HEADER
from inspector.send.dialer import DialLimits, send
from inspector.send.exchange import Exchange, Failure
from inspector.send.payload import json_body
from inspector.send.simulate import JSON, Simulation, callback
from inspector.send.tamper import Tamper
from inspector.send.targets import Rules, read_target
from inspector.signing import Scheme
from inspector.web import registering
from inspector.web.context import Context
from inspector.web.fields import Fields

BODY_CHARACTERS = 1024 * 1024
CONTENT_TYPE_CHARACTERS = 200
PATIENCE_SECONDS = 10.0
"""How long a reply may take beyond the delay that the endpoint may ask for."""


@dataclass(frozen=True, slots=True)
class Order:
    """What kind of test callback is wanted. ``body`` None is the sender's usual one; ``signed`` false leaves
    the signature out."""

    body: bytes | None = None
    content_type: str = JSON
    tamper: Tamper | None = None
    timestamp: float | None = None
    signed: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a test callback: the reply's ``status``, and the delivery that it is now.

    ``delivery_id`` is None when the reply does not name it. ``failure`` says why no whole reply came.
    """

    simulation: Simulation
    status: int | None
    delivery_id: int | None
    failure: Failure | None

    @property
    def expected(self) -> VerificationStatus:
        return self.simulation.expected


async def send_test(context: Context, endpoint_id: str, values: Mapping[str, object]) -> Sent:
    """Send the test callback that *values* describe to an endpoint's own callback URL.

    Raises NotFound, InvalidInput on what cannot be sent, TargetRefused when we listen where nothing may be
    sent to.
    """
    endpoint = registering.endpoint_by_id(context, endpoint_id)
    order = read_order(values)
    target = read_target(context.addresses.callback_url.rstrip("/") + endpoint.path)
    scheme = context.store.schemes.find(endpoint.scheme, endpoint.scheme_options)
    simulation = callback(
        scheme,
        _secret(context, endpoint, scheme),
        target,
        body=order.body,
        content_type=order.content_type,
        tamper=order.tamper,
        timestamp=order.timestamp,
        tolerance_seconds=endpoint.tolerance_seconds,
        signed_url=_public_url(context, endpoint),
        signed=order.signed,
    )
    # Whoever chose the address that we listen on permitted us to send there.
    rules = Rules(inspector_ports=frozenset({context.addresses.inspector_port})).permit(target)
    limits = DialLimits(seconds=context.settings.limits.reply_delay_seconds + PATIENCE_SECONDS)
    exchange = await send(simulation.request, target, rules, limits=limits)
    response = exchange.response
    return Sent(
        simulation,
        None if response is None else response.status,
        _delivery_id(exchange),
        exchange.failure,
    )


def read_order(values: Mapping[str, object]) -> Order:
    """The order in *values*: ``json``, ``body`` or ``body_base64``; ``content_type``, ``tamper``,
    ``timestamp``, ``signed``. Raises InvalidInput with every field that is wrong."""
    fields = Fields(values)
    body = _body(fields)
    content_type = fields.text("content_type", JSON, longest=CONTENT_TYPE_CHARACTERS)
    if not (content_type.isascii() and content_type.strip()):
        fields.wrong("content_type", "must be printable ASCII")
    tamper = fields.optional_text("tamper", None, longest=CONTENT_TYPE_CHARACTERS)
    if tamper is not None and tamper not in set(Tamper):
        fields.wrong("tamper", f"must be one of {', '.join(Tamper)}")
    timestamp = fields.number("timestamp", 0.0) if "timestamp" in fields else None
    signed = fields.flag("signed", True)
    fields.done()
    return Order(body, content_type, None if tamper is None else Tamper(tamper), timestamp, signed)


def _body(fields: Fields) -> bytes | None:
    given = [name for name in ("json", "body", "body_base64") if name in fields]
    for name in given[1:]:
        fields.wrong(name, f"cannot be combined with {given[0]}")
    text = fields.text("body", "", longest=BODY_CHARACTERS, kind="any")
    encoded = fields.text("body_base64", "", longest=BODY_CHARACTERS, kind="any")
    value = fields.value("json")
    match given:
        case ["json", *_]:
            return json_body(value)
        case ["body", *_]:
            return text.encode("utf-8")
        case ["body_base64", *_]:
            try:
                return b64decode(encoded, validate=True)
            except ValueError:
                fields.wrong("body_base64", "is not base64")
    return None


def _secret(context: Context, endpoint: Endpoint, scheme: Scheme) -> str | None:
    """The first of the endpoint's secrets that *scheme* can sign with."""
    for secret in context.store.secrets.usable(endpoint.id):
        try:
            signing.usable_secret(scheme, secret.value)
        except InvalidInput:
            continue
        return secret.value
    return None


def _public_url(context: Context, endpoint: Endpoint) -> str | None:
    """The URL that the receiver takes itself to have been called by, where that is not the one dialled."""
    if endpoint.public_url is not None:
        return endpoint.public_url
    public = context.settings.public_url
    return None if public is None else public.rstrip("/") + endpoint.path


def _delivery_id(exchange: Exchange) -> int | None:
    response = exchange.response
    named = header_values(response.headers, DELIVERY_HEADER.lower().encode()) if response else []
    return int(named[0]) if named and named[0].isdigit() else None
