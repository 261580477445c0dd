"""What the server tells of itself: health, status, schemes, metrics, and the description of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from support.asgi import Ask
from support.event_stream import streaming
from support.inspected import Inspected, inspected, problem

import inspector
from inspector.models import Addresses
from inspector.settings import Settings
from inspector.signing import scheme_names
from inspector.store import Store
from inspector.web import api
from inspector.web.app import create_app
from inspector.web.context import Context
from inspector.web.openapi import PATH_PARAMETER
from inspector.web.stream import Hub


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def test_health(server: Inspected) -> None:
    assert server.get("/healthz") == {"status": "ok"}
    assert server.get("/readyz") == {"status": "ready"}


def test_a_server_that_stops_or_cannot_store_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "callbacks.db")
    addresses = Addresses("http://localhost:2255/", "http://localhost:2256/", 2255, 2256)
    with Store.open(settings) as store:
        hub = Hub(store)
        ask = Ask(create_app(Context(store, settings, addresses, hub)))
        assert ask("GET", "/readyz").status == 200
        hub.close()
        stopping = ask("GET", "/readyz")
        assert "stopping" in problem(stopping, 503)["detail"]
        assert stopping.header("retry-after") == "5"
        assert ask("GET", "/healthz").status == 200

        hub.closing = False
        (tmp_path / "callbacks.db").rename(tmp_path / "elsewhere.db")
        assert "stored" in problem(ask("GET", "/readyz"), 503)["detail"]
        assert json.loads(ask("GET", "/api/status").body)["fault"]
        assert b"callback_inspector_storage_fault 1\n" in ask("GET", "/metrics").body


def test_status(server: Inspected) -> None:
    before = server.get("/api/status")
    server.deliver()
    with streaming(server) as stream:
        stream.next()
        after = server.get("/api/status")
    assert after["deliveries"] == before["deliveries"] + 1
    assert after["cursor"] == before["cursor"] + 1
    arrived = [sum(minute["deliveries"] for minute in each["arrivals"]) for each in (before, after)]
    assert arrived[1] == arrived[0] + 1
    assert (before["streams"], after["streams"]) == (0, 1)
    assert after["version"] == inspector.__version__
    assert after["callback_url"] == server.server.addresses.callback_url
    assert after["inspector_url"] == server.server.addresses.inspector_url
    assert after["database"] is None
    assert after["database_bytes"] > 0
    assert after["fault"] is None
    assert after["limits"] == {"body_bytes": 10 * 1024 * 1024, "streams": 128}
    assert after["retention"] == {"deliveries": 100_000, "bytes": 1024**3, "days": 30.0}


def test_schemes(server: Inspected) -> None:
    schemes = {scheme["name"]: scheme for scheme in server.get("/api/schemes")["schemes"]}
    assert tuple(schemes) == scheme_names()
    assert schemes["blaxel"]["signature_header"] == "X-Blaxel-Signature"
    assert schemes["blaxel"]["tolerance_seconds"] == 300
    assert schemes["none"]["signature_header"] is None


def test_metrics(server: Inspected) -> None:
    server.deliver()
    reply = server.ask("GET", "/metrics")
    assert reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    lines = reply.body.decode().splitlines()
    values = dict(line.split(" ") for line in lines if not line.startswith("#"))
    assert int(values["callback_inspector_deliveries"]) == server.get("/api/status")["deliveries"]
    assert values["callback_inspector_storage_fault"] == "0"
    for name in values:
        assert f"# TYPE {name} gauge" in lines
        assert any(line.startswith(f"# HELP {name} ") for line in lines)


def test_every_route_of_the_api_is_described(server: Inspected) -> None:
    description = server.get("/api/openapi.json")
    assert description["openapi"].startswith("3.1")
    described = {
        (method.upper(), path) for path, methods in description["paths"].items() for method in methods
    }
    served = {
        (method, route.path)
        for route in api.routes()
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert described == served
    operation_ids = [
        each["operationId"] for methods in description["paths"].values() for each in methods.values()
    ]
    assert len(operation_ids) == len(set(operation_ids))


def test_every_reference_in_the_description_leads_somewhere(server: Inspected) -> None:
    description = server.get("/api/openapi.json")
    schemas = description["components"]["schemas"]
    text = json.dumps(description)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named == set(schemas)
    for path, methods in description["paths"].items():
        for operation in methods.values():
            in_path = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            assert in_path == PATH_PARAMETER.findall(path)


def test_answers_have_the_shapes_that_are_described(server: Inspected) -> None:
    schemas = server.get("/api/openapi.json")["components"]["schemas"]
    created = server.send("POST", "/api/endpoints", {"scheme": "blaxel", "generate_secret": True}, status=201)
    added = server.send("POST", f"/api/endpoints/{created['id']}/secrets", {"generate": True}, status=201)
    number = server.deliver(created["path"], b"{}")
    shapes = {
        "CreatedEndpoint": created,
        "CreatedSecret": added,
        "Endpoints": server.get("/api/endpoints"),
        "Endpoint": server.get(f"/api/endpoints/{created['id']}"),
        "Deliveries": server.get("/api/deliveries"),
        "Delivery": server.get(f"/api/deliveries/{number}"),
        "DeliverySummary": server.send("PATCH", f"/api/deliveries/{number}", {"pinned": False}),
        "Status": server.get("/api/status"),
        "Schemes": server.get("/api/schemes"),
        "Script": server.send(
            "PUT", f"/api/endpoints/{created['id']}/replies", {"replies": [{"hold": True}]}
        ),
        "Released": server.send("POST", f"/api/endpoints/{created['id']}/release", {}),
        "Awaited": server.get("/api/wait?timeout=0"),
        "NearMiss": _nearest(server),
        "Health": server.get("/healthz"),
        "Count": server.get("/api/deliveries/count?q=attempt:1"),
        "Comparison": server.get(f"/api/deliveries/{number}/diff/{number}"),
        "Verification": server.send("POST", f"/api/deliveries/{number}/check", {"secret": "s" * 32}),
        "SentTest": server.send("POST", f"/api/endpoints/{created['id']}/send", {"tamper": "stale"}),
        "Deleted": server.send("DELETE", f"/api/deliveries?endpoint={created['id']}"),
        "Problem": problem(server.ask("GET", "/api/deliveries?x=1"), 400),
    }
    for name, value in shapes.items():
        check(schemas, schemas[name], value, name)


def _nearest(server: Inspected) -> Any:
    answer = problem(server.ask("GET", "/api/wait?timeout=0&q=method:PUT"), 404)
    return answer["nearest"][0]


KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def check(schemas: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    """That *value* is what *schema* says, as far as our schemas go."""
    if "$ref" in schema:
        check(schemas, schemas[schema["$ref"].rsplit("/", 1)[1]], value, where)
        return
    if "type" not in schema:
        assert "enum" not in schema or value in schema["enum"], where
        return
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert any(isinstance(value, KINDS[kind]) for kind in kinds), where
    assert "enum" not in schema or value in schema["enum"], where
    if isinstance(value, list):
        for index, item in enumerate(value):
            check(schemas, schema["items"], item, f"{where}[{index}]")
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys(), where
        for name, member in value.items():
            check(schemas, schema["properties"][name], member, f"{where}.{name}")
