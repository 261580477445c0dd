"""The API's trials: what can be tried on a delivery or an endpoint without changing it.

A secret that might be the right one, a comparison with another delivery, a test callback.
"""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from inspector import signing
from inspector.content.diff import compare
from inspector.errors import NotFound
from inspector.models import NOTHING, Delivery, Endpoint, Secret, Verification
from inspector.receive.receiver import message_of
from inspector.store import ROOT_ID
from inspector.web import reading, representation, sending
from inspector.web.context import Context, context_of
from inspector.web.fields import Fields
from inspector.web.operations import Operation, Parameter
from inspector.web.problems import JsonAnswer

IGNORE_VOLATILE = Parameter(
    "ignore_volatile",
    {"type": "boolean", "default": False},
    "Leave out what differs by its nature: times, ids, signatures.",
)

TRIED_NAME = "tried"
"""What a verdict calls the secret that was given for one trial."""


async def compare_deliveries(request: Request) -> Response:
    context = context_of(request)
    before_id = reading.delivery_id(request.path_params["id"])
    after_id = reading.delivery_id(request.path_params["other"])
    ignore_volatile = reading.flag(request.query_params, "ignore_volatile")

    def work() -> bytes:
        before, after = context.store.delivery(before_id), context.store.delivery(after_id)
        found = compare(before.request, after.request, ignore_volatile=ignore_volatile)
        return representation.json_bytes(representation.comparison(before_id, after_id, found))

    # Not in a reading thread: two long bodies take longer than others should wait for an answer.
    return Response(await anyio.to_thread.run_sync(work), media_type="application/json")


async def check_delivery(request: Request) -> Response:
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    fields = Fields(reading.json_object(await request.body()))
    secret = fields.text("secret", "", longest=reading.SECRET_CHARACTERS)
    if "secret" not in fields:
        fields.wrong("secret", "is needed")
    scheme = fields.optional_text("scheme", None, longest=reading.NAME_CHARACTERS)
    fields.done()
    delivery = await context.store.reading(context.store.delivery, number)
    verdict = await anyio.to_thread.run_sync(check_secret, context, delivery, secret, scheme)
    return JsonAnswer(representation.verification(verdict))


async def send_test(request: Request) -> Response:
    values = reading.json_object(await request.body())
    sent = await sending.send_test(context_of(request), request.path_params["id"], values)
    failure = sent.failure
    return JsonAnswer(
        {
            "status": sent.status,
            "delivery_id": sent.delivery_id,
            "tamper": sent.simulation.tamper,
            "done": sent.simulation.done,
            "expected": sent.expected,
            "error": None if failure is None else {"class": failure.kind, "message": failure.message},
        }
    )


def check_secret(context: Context, delivery: Delivery, secret: str, scheme: str | None) -> Verification:
    """The verdict on *delivery* if *secret* were the only one, by the scheme named or its endpoint's.

    Nothing is stored. Raises InvalidInput on ``scheme``.
    """
    endpoint = endpoint_of(context, delivery)
    name = scheme or endpoint.scheme
    row = context.store.schemes.find(name, endpoint.scheme_options if name == endpoint.scheme else NOTHING)
    return signing.check(
        message_of(delivery.request, endpoint, context.settings.public_url),
        row,
        [Secret(TRIED_NAME, secret)],
        now=delivery.request.received_ns / 1e9,
        tolerance=endpoint.tolerance_seconds,
    )


def endpoint_of(context: Context, delivery: Delivery) -> Endpoint:
    """The endpoint that caught *delivery*; the one for the rest where it is gone."""
    try:
        return context.store.endpoint(delivery.endpoint_id)
    except NotFound:
        return context.store.endpoint(ROOT_ID)


OPERATIONS = (
    Operation(
        "GET",
        "/api/deliveries/{id}/diff/{other}",
        compare_deliveries,
        "What differs from one delivery to another",
        answer="Comparison",
        query=(IGNORE_VOLATILE,),
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/deliveries/{id}/check",
        check_delivery,
        "The verdict that a secret would give; nothing is stored",
        answer="Verification",
        body="SecretTrial",
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/endpoints/{id}/send",
        send_test,
        "Send a signed, or spoilt, test callback to the endpoint",
        answer="SentTest",
        body="TestCallback",
        refusals=(404,),
    ),
)
