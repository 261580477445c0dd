"""The API's scripts: replies that take turns in the place of an endpoint's own, and what they hold."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inspector.web import reading, registering, scripting
from inspector.web.context import context_of
from inspector.web.fields import Fields
from inspector.web.operations import Operation
from inspector.web.problems import JsonAnswer


async def read_replies(request: Request) -> Response:
    context = context_of(request)
    endpoint = registering.endpoint_by_id(context, request.path_params["id"])
    return JsonAnswer(scripting.script(context.scripts.find(endpoint.id)))


async def replace_replies(request: Request) -> Response:
    context = context_of(request)
    endpoint = registering.endpoint_by_id(context, request.path_params["id"])
    entries = scripting.script_entries(reading.json_object(await request.body()))
    return JsonAnswer(scripting.script(context.scripts.put(endpoint.id, entries)))


async def remove_replies(request: Request) -> Response:
    context = context_of(request)
    context.scripts.remove(registering.endpoint_by_id(context, request.path_params["id"]).id)
    return Response(status_code=204)


async def release_replies(request: Request) -> Response:
    context = context_of(request)
    endpoint = registering.endpoint_by_id(context, request.path_params["id"])
    Fields(reading.json_object(await request.body())).done()
    script = context.scripts.find(endpoint.id)
    return JsonAnswer({"released": 0 if script is None else script.release()})


OPERATIONS = (
    Operation(
        "GET",
        "/api/endpoints/{id}/replies",
        read_replies,
        "The script of an endpoint's replies, with the uses of each entry",
        answer="Script",
        refusals=(404,),
    ),
    Operation(
        "PUT",
        "/api/endpoints/{id}/replies",
        replace_replies,
        "Script an endpoint's replies: the first entry that fits and has uses left answers",
        answer="Script",
        body="NewScript",
        refusals=(404,),
    ),
    Operation(
        "DELETE",
        "/api/endpoints/{id}/replies",
        remove_replies,
        "Drop the script, and let go of what it held; the endpoint's own reply is given again",
        status=204,
        refusals=(404,),
    ),
    Operation(
        "POST",
        "/api/endpoints/{id}/release",
        release_replies,
        "Let go of the replies that the script holds, now and later",
        answer="Released",
        body="Nothing",
        refusals=(404,),
    ),
)
