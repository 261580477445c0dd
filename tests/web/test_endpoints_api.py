"""The API's endpoints and secrets: what becomes of them, what is refused, that no secret comes out again."""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from types import MappingProxyType
from urllib.parse import quote

import pytest
from support.event_stream import streaming
from support.inspected import Inspected, inspected, problem

import inspector

KEYS = [
    "id",
    "path",
    "url",
    "name",
    "scheme",
    "scheme_options",
    "secrets",
    "tolerance_seconds",
    "public_url",
    "reject_invalid",
    "handshake",
    "verify_token",
    "reply",
    "cors",
    "deliveries",
    "last_received_at",
    "rechecking",
]


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    environ = MappingProxyType(
        {"CALLBACK_SECRET": "root-secret", "GOOD": "from the environment", "BAD": "%%%"}
    )
    with inspected(environ=environ) as running:
        yield running


def test_the_root_endpoint_is_there_from_the_start(server: Inspected) -> None:
    (root,) = [each for each in server.get("/api/endpoints")["endpoints"] if each["path"] == "/"]
    assert list(root) == KEYS
    assert root["url"] == server.server.addresses.callback_url
    assert root["scheme"] == "auto"
    assert root["reply"] == {"status": 200, "headers": [], "body": "", "delay_seconds": 0.0}
    (secret,) = root["secrets"]
    assert list(secret) == ["name", "source", "env", "fingerprint", "created_at"]
    assert (secret["source"], secret["env"]) == ("env", "CALLBACK_SECRET")
    assert re.fullmatch("[0-9a-f]{8}", secret["fingerprint"])
    problem(server.ask("DELETE", f"/api/endpoints/{root['id']}"), 409)
    problem(server.ask("PATCH", f"/api/endpoints/{root['id']}", {"path": "/elsewhere"}), 409)
    assert server.send("PATCH", f"/api/endpoints/{root['id']}", {"path": "/"})["path"] == "/"


def test_an_endpoint_from_its_beginning_to_its_end(server: Inspected) -> None:
    values = {
        "path": "/life/",
        "name": "Life",
        "scheme": "github",
        "tolerance_seconds": 60,
        "reject_invalid": True,
        "handshake": "meta",
        "verify_token": "local-token",
        "reply": {"status": 202, "headers": [["X-A", "1"]], "body": "ok"},
        "secret": "s1",
    }
    created = server.send("POST", "/api/endpoints", values, status=201)
    assert list(created) == KEYS
    assert created["path"] == "/life"
    assert (created["handshake"], created["verify_token"]) == ("meta", "local-token")
    assert created["url"] == f"{server.server.addresses.callback_url}life"
    assert [(secret["name"], secret["source"]) for secret in created["secrets"]] == [("key-1", "stored")]
    url = f"/api/endpoints/{created['id']}"
    assert server.get(url) == created

    number = server.deliver("/life/x")
    assert server.get(f"/api/deliveries/{number}")["reply"]["status"] == 401
    now = server.get(url)
    assert (now["deliveries"], now["last_received_at"][-1]) == (1, "Z")

    changed = server.send("PATCH", url, {"path": "/later", "reply": {"body_base64": "/w=="}})
    assert changed["url"].endswith("/later")
    assert changed["reply"] == {"status": 200, "headers": [], "body_base64": "/w==", "delay_seconds": 0.0}
    assert (changed["name"], changed["tolerance_seconds"], changed["scheme"]) == ("Life", 60, "github")
    assert changed["secrets"] == created["secrets"]

    assert server.ask("DELETE", url).status == 204
    for method in ("GET", "DELETE"):
        problem(server.ask(method, url), 404)
    assert server.get(f"/api/deliveries/{number}")["endpoint_id"] == created["id"]


def test_a_path_belongs_to_one_endpoint(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/taken"}, status=201)
    other = server.send("POST", "/api/endpoints", {}, status=201)
    for path in ("/taken", "/taken/", "/"):
        problem(server.ask("POST", "/api/endpoints", {"path": path}), 409)
        problem(server.ask("PATCH", f"/api/endpoints/{other['id']}", {"path": path}), 409)
    assert server.get(f"/api/endpoints/{other['id']}")["path"] == other["path"]


def test_without_a_path_an_endpoint_gets_one_that_nobody_guesses(server: Inspected) -> None:
    reply = server.ask("POST", "/api/endpoints")
    assert reply.status == 201
    assert re.fullmatch("/[0-9a-f]{32}", json.loads(reply.body)["path"])


@pytest.mark.parametrize(
    ("scheme", "shape"),
    [
        ("auto", "[a-z0-9]{32}"),
        ("blaxel", "[a-z0-9]{32}"),
        ("github", "[a-z0-9]{32}"),
        ("standard-webhooks", r"whsec_[A-Za-z0-9+/]+=*"),
    ],
)
def test_a_generated_secret_is_told_once(server: Inspected, scheme: str, shape: str) -> None:
    created = server.send("POST", "/api/endpoints", {"scheme": scheme, "generate_secret": True}, status=201)
    secret = created.pop("secret")
    assert re.fullmatch(shape, secret)
    assert server.get(f"/api/endpoints/{created['id']}") == created
    assert secret not in json.dumps(server.get("/api/endpoints"))
    body = b'{"a": 1}'
    name = scheme if scheme != "auto" else "blaxel"
    number = server.deliver(created["path"], body, inspector.sign(body, secret, scheme=name))
    assert server.get(f"/api/deliveries/{number}")["verification"]["status"] == "valid"


def test_several_secrets_for_rotation(server: Inspected) -> None:
    created = server.send("POST", "/api/endpoints", {"scheme": "blaxel", "secret": "old"}, status=201)
    url = f"/api/endpoints/{created['id']}/secrets"
    added = server.send("POST", url, {"secret": "new"}, status=201)
    assert list(added) == ["name", "source", "env", "fingerprint", "created_at"]
    assert added["name"] == "key-2"
    told = server.send("POST", url, {"name": "made.here", "generate": True}, status=201)
    assert re.fullmatch("[a-z0-9]{32}", told["secret"])
    env = server.send("POST", url, {"env": "GOOD"}, status=201)
    assert (env["source"], env["env"]) == ("env", "GOOD")
    unset = server.send("POST", url, {"name": "later", "env": "NOT_SET"}, status=201)
    assert unset["fingerprint"] is None
    problem(server.ask("POST", url, {"name": "made.here", "secret": "x"}), 409)

    for secret, name in (("old", "key-1"), ("new", "key-2"), ("from the environment", env["name"])):
        number = server.deliver(created["path"], b"{}", inspector.sign(b"{}", secret))
        verification = server.get(f"/api/deliveries/{number}")["verification"]
        assert (verification["status"], verification["secret"]) == ("valid", name)

    assert server.ask("DELETE", f"{url}/key-1").status == 204
    problem(server.ask("DELETE", f"{url}/key-1"), 404)
    problem(server.ask("DELETE", f"{url}/{quote('no such', safe='')}"), 404)
    number = server.deliver(created["path"], b"{}", inspector.sign(b"{}", "old"))
    assert server.get(f"/api/deliveries/{number}")["verification"]["status"] == "invalid"


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"secret": ""}, "secret"),
        ({"scheme": "standard-webhooks", "secret": "whsec_%%%"}, "secret"),
        ({"scheme": "standard-webhooks", "secret_env": "BAD"}, "secret_env"),
        ({"scheme": "nobody"}, "scheme"),
        ({"scheme": "hmac", "scheme_options": {"hash": "md4"}}, "scheme_options.hash"),
        ({"reply": {"status": 99}}, "reply.status"),
        ({"path": "no-slash"}, "path"),
        ({"secret": "a", "generate_secret": True}, "generate_secret"),
    ],
)
def test_a_bad_endpoint_is_refused_by_field_and_leaves_nothing(
    server: Inspected, values: dict[str, object], wrong: str
) -> None:
    before = server.get("/api/endpoints")
    answer = problem(server.ask("POST", "/api/endpoints", values), 400)
    assert [error["field"] for error in answer["errors"]] == [wrong]
    assert server.get("/api/endpoints") == before


def test_a_secret_that_the_scheme_cannot_use_is_refused(server: Inspected) -> None:
    created = server.send("POST", "/api/endpoints", {"scheme": "standard-webhooks"}, status=201)
    url = f"/api/endpoints/{created['id']}/secrets"
    for values, field in (({"secret": "%%%"}, "secret"), ({"env": "BAD"}, "env"), ({}, "secret")):
        answer = problem(server.ask("POST", url, values), 400)
        assert [error["field"] for error in answer["errors"]] == [field]
    assert server.get(f"/api/endpoints/{created['id']}")["secrets"] == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"name": NaN}', b'{"name": "\\ud800"}', b"\xff", b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_refused(server: Inspected, body: bytes) -> None:
    json_type = [("Content-Type", "application/json")]
    for method, target in (("POST", "/api/endpoints"), ("PATCH", "/api/endpoints/root")):
        answer = problem(server.ask(method, target, headers=json_type, body=body), 400)
        assert [error["field"] for error in answer["errors"]] == ["body"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_only_json_is_taken(server: Inspected, content_type: str | None) -> None:
    fields = [("Content-Type", content_type)] if content_type else []
    reply = server.ask("POST", "/api/endpoints", headers=fields, body=b"{}")
    assert problem(reply, 415)["code"] == "content-type-refused"


@pytest.mark.parametrize("name", ["nobody", "%2F", "%00", "x" * 3000, "%F0%9F%92%A9"])
def test_what_is_no_endpoint_is_not_found(server: Inspected, name: str) -> None:
    problem(server.ask("GET", f"/api/endpoints/{name}"), 404)
    problem(server.ask("PATCH", f"/api/endpoints/{name}", {}), 404)
    problem(server.ask("DELETE", f"/api/endpoints/{name}"), 404)
    problem(server.ask("POST", f"/api/endpoints/{name}/secrets", {"generate": True}), 404)
    problem(server.ask("DELETE", f"/api/endpoints/{name}/secrets/key-1"), 404)


def test_the_public_address_is_what_is_shown() -> None:
    with inspected(public_url="https://tunnel.test/base/") as server:
        created = server.send("POST", "/api/endpoints", {"path": "/a"}, status=201)
        assert created["url"] == "https://tunnel.test/base/a"
        assert server.get("/api/endpoints/root")["url"] == "https://tunnel.test/base/"
        assert server.get("/api/status")["callback_url"] == "https://tunnel.test/base/"
        own = server.send(
            "PATCH", f"/api/endpoints/{created['id']}", {"public_url": "https://own.test/x?y=1"}
        )
        assert own["url"] == own["public_url"] == "https://own.test/x?y=1"


CANARIES = (
    "canary-7f3a91-given",
    "canary-7f3a91-added",
    "canary-7f3a91-environment",
    "canary-7f3a91-refused",
)


def test_no_secret_ever_comes_out_again(caplog: pytest.LogCaptureFixture) -> None:
    given, added, environment, refused = CANARIES
    environ = MappingProxyType({"CANARY": environment})
    with caplog.at_level(logging.DEBUG), inspected(environ=environ) as server:
        created = server.send("POST", "/api/endpoints", {"scheme": "blaxel", "secret": given}, status=201)
        url = f"/api/endpoints/{created['id']}"
        with streaming(server) as stream:
            assert stream.next().name == "hello"
            server.send("POST", f"{url}/secrets", {"secret": added}, status=201)
            server.send("POST", f"{url}/secrets", {"env": "CANARY"}, status=201)
            standard = server.send("POST", "/api/endpoints", {"scheme": "standard-webhooks"}, status=201)
            for target, values in (
                (f"/api/endpoints/{standard['id']}/secrets", {"secret": f"%{refused}"}),
                ("/api/endpoints", {"secret": refused, "secret_env": refused}),
                ("/api/endpoints", {"secret": [refused]}),
                (f"{url}/secrets", {"secret": f"{refused}\x00"}),
            ):
                problem(server.ask("POST", target, values), 400)
            problem(server.ask("PATCH", url, {"secret": refused}), 400)
            reply = server.ask(
                "POST",
                "/api/endpoints",
                headers=[("Content-Type", "application/json")],
                body=b'{"secret": "%s"' % refused.encode(),
            )
            problem(reply, 400)
            for secret in (given, added, environment):
                for body in (b"{}", b"changed"):
                    server.deliver(created["path"], body, inspector.sign(b"{}", secret))
            events = stream.take(6)
        answers = [
            server.get(path)
            for path in ("/api/endpoints", url, "/api/deliveries", "/api/status", "/api/schemes")
        ]
        answers += [server.get(f"/api/deliveries/{row['id']}") for row in answers[2]["deliveries"]]
        server.ask("GET", "/metrics")
    seen = [bytes(server.answers), json.dumps(answers).encode(), repr(events).encode(), caplog.text.encode()]
    for canary in CANARIES:
        forms = {canary, canary.encode().hex(), quote(canary), base64.b64encode(canary.encode()).decode()}
        assert not [form for form in forms for text in seen if form.encode() in text]
