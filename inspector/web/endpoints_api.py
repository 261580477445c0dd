"""The API's endpoints and their secrets, which go in and never come out again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inspector.models import Endpoint
from inspector.web import reading, registering, representation
from inspector.web.context import Context, context_of
from inspector.web.operations import Operation
from inspector.web.problems import JsonAnswer


async def list_endpoints(request: Request) -> Response:
    context = context_of(request)
    activity = await context.store.reading(context.store.activity)
    return JsonAnswer(
        {
            "endpoints": [
                representation.endpoint(
                    endpoint,
                    context.store.secrets.infos(endpoint.id),
                    activity.get(endpoint.id),
                    context.shown,
                    context.rechecker.progress.get(endpoint.id),
                )
                for endpoint in context.store.endpoints()
            ]
        }
    )


async def create_endpoint(request: Request) -> Response:
    context = context_of(request)
    endpoint, secret = await registering.create_endpoint(context, reading.json_object(await request.body()))
    told = {} if secret is None else {"secret": secret}
    return JsonAnswer({**await _shape(context, endpoint), **told}, status=201)


async def read_endpoint(request: Request) -> Response:
    context = context_of(request)
    return JsonAnswer(await _shape(context, registering.endpoint_by_id(context, request.path_params["id"])))


async def change_endpoint(request: Request) -> Response:
    context = context_of(request)
    values = reading.json_object(await request.body())
    endpoint = await registering.change_endpoint(context, request.path_params["id"], values)
    return JsonAnswer(await _shape(context, endpoint))


async def delete_endpoint(request: Request) -> Response:
    await registering.delete_endpoint(context_of(request), request.path_params["id"])
    return Response(status_code=204)


async def add_secret(request: Request) -> Response:
    values = reading.json_object(await request.body())
    info, secret = await registering.add_secret(context_of(request), request.path_params["id"], values)
    told = {} if secret is None else {"secret": secret}
    return JsonAnswer({**representation.secret_info(info), **told}, status=201)


async def remove_secret(request: Request) -> Response:
    await registering.remove_secret(
        context_of(request), request.path_params["id"], request.path_params["name"]
    )
    return Response(status_code=204)


async def _shape(context: Context, endpoint: Endpoint) -> representation.Json:
    activity = await context.store.reading(context.store.activity)
    infos = context.store.secrets.infos(endpoint.id)
    progress = context.rechecker.progress.get(endpoint.id)
    return representation.endpoint(endpoint, infos, activity.get(endpoint.id), context.shown, progress)


OPERATIONS = (
    Operation("GET", "/api/endpoints", list_endpoints, "List endpoints, by path", answer="Endpoints"),
    Operation(
        "POST",
        "/api/endpoints",
        create_endpoint,
        "Register an endpoint; a generated secret stands in this answer and never again",
        answer="CreatedEndpoint",
        status=201,
        body="NewEndpoint",
        refusals=(409,),
    ),
    Operation(
        "GET", "/api/endpoints/{id}", read_endpoint, "One endpoint", answer="Endpoint", refusals=(404,)
    ),
    Operation(
        "PATCH",
        "/api/endpoints/{id}",
        change_endpoint,
        "Replace the given fields of an endpoint, each whole",
        answer="Endpoint",
        body="EndpointChanges",
        refusals=(404, 409),
    ),
    Operation(
        "DELETE",
        "/api/endpoints/{id}",
        delete_endpoint,
        "Remove an endpoint and its secrets; its deliveries stay",
        status=204,
        refusals=(404, 409),
    ),
    Operation(
        "POST",
        "/api/endpoints/{id}/secrets",
        add_secret,
        "Add a secret beside those that are there; a generated one stands in this answer and never again",
        answer="CreatedSecret",
        status=201,
        body="NewSecret",
        refusals=(404, 409),
    ),
    Operation(
        "DELETE",
        "/api/endpoints/{id}/secrets/{name}",
        remove_secret,
        "Remove a secret",
        status=204,
        refusals=(404, 409),
    ),
)
