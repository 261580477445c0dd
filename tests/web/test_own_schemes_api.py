"""A user's own schemes in the API, on the page, and under auto."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

import pytest
from support.inspected import Inspected, inspected, problem

OWN = {
    "acme": {"header": "X-Acme", "prefix": "v1="},
    "twin-a": {"header": "X-Twin", "prefix": "a="},
    "twin-b": {"header": "X-Twin", "prefix": "b="},
    "in-the-way": {"header": "X-Hub-Signature-256", "prefix": "mine="},
}
SECRET = "secret"


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected(schemes=OWN, environ={"CALLBACK_SECRET": SECRET}) as running:
        yield running


def signed(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def test_they_are_listed_beside_the_known_ones(server: Inspected) -> None:
    listed = {each["name"]: each for each in server.get("/api/schemes")["schemes"]}
    assert {name for name, each in listed.items() if each["own"]} == set(OWN)
    assert (listed["acme"]["signature_header"], listed["acme"]["prefix"]) == ("X-Acme", "v1=")
    assert b'value="acme"' in server.ask("GET", "/endpoints").body


def test_an_endpoint_may_have_one(server: Inspected) -> None:
    values = {"path": "/acme", "scheme": "acme", "secret": SECRET, "reject_invalid": True}
    endpoint = server.send("POST", "/api/endpoints", values, status=201)
    good = server.deliver("/acme", b"x", [("X-Acme", f"v1={signed(b'x')}")])
    bad = server.deliver("/acme", b"y", [("X-Acme", f"v1={signed(b'x')}")])
    assert server.get(f"/api/deliveries/{good}")["verification"]["status"] == "valid"
    assert server.get(f"/api/deliveries/{bad}")["verification"]["status"] == "invalid"
    assert server.get(f"/api/deliveries/{bad}/diagnosis")["causes"]
    sent = server.send("POST", f"/api/endpoints/{endpoint['id']}/send", {})
    assert server.get(f"/api/deliveries/{sent['delivery_id']}")["verification"]["status"] == "valid"
    tried = server.send("POST", f"/api/deliveries/{bad}/check", {"secret": SECRET, "scheme": "acme"})
    assert tried["scheme"] == "acme"
    added = server.send("POST", f"/api/endpoints/{endpoint['id']}/secrets", {"generate": True}, status=201)
    assert added["secret"]
    assert (
        server.send("PATCH", f"/api/endpoints/{endpoint['id']}", {"scheme": "twin-a"})["scheme"] == "twin-a"
    )
    options = {"scheme": "acme", "scheme_options": {"hash": "sha1"}}
    refused = problem(server.ask("PATCH", f"/api/endpoints/{endpoint['id']}", options), 400)
    assert refused["errors"][0]["field"] == "scheme_options"


@pytest.mark.parametrize(
    ("header", "prefix", "scheme"),
    [
        ("X-Acme", "v1=", "acme"),
        ("X-Twin", "a=", "twin-a"),
        ("X-Twin", "b=", "twin-b"),
        ("X-Hub-Signature-256", "sha256=", "github"),
    ],
)
def test_auto_finds_them_by_their_header(server: Inspected, header: str, prefix: str, scheme: str) -> None:
    number = server.deliver("/auto", b"x", [(header, f"{prefix}{signed(b'x')}")])
    verdict = server.get(f"/api/deliveries/{number}")["verification"]
    assert (verdict["status"], verdict["scheme"]) == ("valid", scheme), verdict


def test_without_them_a_header_of_theirs_is_nobodys() -> None:
    with inspected(environ={"CALLBACK_SECRET": SECRET}) as server:
        number = server.deliver("/", b"x", [("X-Acme", f"v1={signed(b'x')}")])
        assert server.get(f"/api/deliveries/{number}")["verification"]["status"] == "missing"
        problem(server.ask("POST", "/api/endpoints", {"scheme": "acme"}), 400)
