"""The API's diagnosis of a delivery: why it did not verify, what it was compared with; which scheme fits."""

from __future__ import annotations

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from inspector.receive.diagnosing import diagnosed
from inspector.web import reading
from inspector.web.context import context_of
from inspector.web.evidence import working_json, working_of
from inspector.web.fields import Fields
from inspector.web.guessing import guess_json, guess_scheme
from inspector.web.operations import Operation
from inspector.web.problems import JsonAnswer


async def read_diagnosis(request: Request) -> Response:
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    found = await diagnosed(context.store, context.settings.public_url, number)
    delivery = await context.store.reading(context.store.delivery, number)
    working = await anyio.to_thread.run_sync(working_of, context, delivery)
    return JsonAnswer({"delivery_id": number, **found, "working": working_json(working)})


async def guess(request: Request) -> Response:
    context = context_of(request)
    number = reading.delivery_id(request.path_params["id"])
    fields = Fields(reading.json_object(await request.body()))
    secret = fields.optional_text("secret", None, longest=reading.SECRET_CHARACTERS)
    fields.done()
    delivery = await context.store.reading(context.store.delivery, number)
    found = await anyio.to_thread.run_sync(guess_scheme, context, delivery, secret)
    return JsonAnswer({"guess": None if found is None else guess_json(found)})


OPERATIONS = (
    Operation(
        "GET",
        "/api/deliveries/{id}/diagnosis",
        read_diagnosis,
        "Why a delivery did not verify: causes, everything that was tried, what was compared",
        answer="Diagnosis",
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/deliveries/{id}/guess",
        guess,
        "Which scheme gives the digest that came, with a secret or those of the endpoint; nothing is stored",
        answer="Guessed",
        body="Guess",
        refusals=(404,),
    ),
)
