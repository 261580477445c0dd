"""The API about the server itself: how it is, what it knows, and its metrics."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from inspector import __version__
from inspector.web import representation
from inspector.web.context import context_of
from inspector.web.operations import Operation
from inspector.web.problems import JsonAnswer, problem

RETRY_AFTER_SECONDS = 5


async def healthz(_request: Request) -> Response:
    """Whether the process answers."""
    return JsonAnswer({"status": "ok"})


async def readyz(request: Request) -> Response:
    """Whether deliveries can be stored."""
    context = context_of(request)
    state = await context.store.reading(context.store.state)
    if context.hub.closing or state.fault is not None:
        detail = (
            "The server is stopping." if state.fault is None else "Deliveries cannot be stored at the moment."
        )
        return problem(503, "not-ready", detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    return JsonAnswer({"status": "ready"})


async def status(request: Request) -> Response:
    context = context_of(request)
    state = await context.store.reading(context.store.state)
    minutes = await context.store.reading(context.store.arrivals)
    position = context.store.position()
    settings, retention = context.settings, state.retention
    return JsonAnswer(
        {
            "version": __version__,
            "callback_url": context.shown.callback_url,
            "inspector_url": context.addresses.inspector_url,
            "instance": context.store.instance,
            "database": None if context.store.temporary else str(context.store.database),
            "database_bytes": state.bytes,
            "deliveries": state.deliveries,
            "malformed": context.store.malformed_total(),
            "arrivals": representation.arrivals(minutes),
            "cursor": position.cursor,
            "generation": position.generation,
            "revision": position.revision,
            "fault": state.fault,
            "streams": context.hub.open_streams,
            "waits": context.hub.open_waits,
            "limits": {"body_bytes": settings.limits.body_bytes, "streams": settings.limits.streams},
            "retention": {
                "deliveries": retention.deliveries,
                "bytes": retention.bytes,
                "days": retention.days,
            },
        }
    )


async def schemes(request: Request) -> Response:
    known = context_of(request).store.schemes
    return JsonAnswer({"schemes": [representation.scheme(known.find(name)) for name in known.names]})


async def metrics(request: Request) -> Response:
    """Gauges in Prometheus' text format 0.0.4."""
    context = context_of(request)
    state = await context.store.reading(context.store.state)
    position = context.store.position()
    gauges = (
        ("deliveries", "Deliveries that are kept.", state.deliveries),
        ("last_delivery_id", "The highest delivery id ever given.", position.cursor),
        ("malformed", "Malformed requests that ever came.", context.store.malformed_total()),
        ("database_bytes", "Bytes that the database takes on disk.", state.bytes),
        ("endpoints", "Registered endpoints.", len(context.store.endpoints())),
        ("open_streams", "Open event streams.", context.hub.open_streams),
        ("storage_fault", "1 while deliveries cannot be stored.", int(state.fault is not None)),
    )
    lines = [
        f"# HELP callback_inspector_{name} {text}\n# TYPE callback_inspector_{name} gauge\n"
        f"callback_inspector_{name} {value}\n"
        for name, text, value in gauges
    ]
    return Response("".join(lines), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


OPERATIONS = (
    Operation("GET", "/api/schemes", schemes, "The known ways of signing", answer="Schemes"),
    Operation("GET", "/api/status", status, "What this server is and how it stands", answer="Status"),
    Operation("GET", "/healthz", healthz, "Whether the process answers; needs no token", answer="Health"),
    Operation(
        "GET",
        "/readyz",
        readyz,
        "Whether deliveries can be stored; needs no token",
        answer="Health",
        refusals=(503,),
    ),
    Operation("GET", "/metrics", metrics, "Gauges for Prometheus", answer="Text", media_type="text/plain"),
)
