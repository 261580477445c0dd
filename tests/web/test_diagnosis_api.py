"""Why a delivery did not verify: found after the reply, kept, told with its working to whoever asks."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support import raw_http
from support.event_stream import EventStream, streaming
from support.inspected import Inspected, inspected, problem
from support.waiting import until

from inspector import sign
from inspector.receive.diagnosing import unpacked

SECRET = "canary-secret-4f1b"
BODY = b'{"order": 5126}'


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        running.send(
            "POST", "/api/endpoints", {"path": "/hook", "scheme": "blaxel", "secret": SECRET}, status=201
        )
        yield running


def diagnosis(server: Inspected, number: int) -> Any:
    return server.get(f"/api/deliveries/{number}/diagnosis")


def expected_digest(body: bytes, secret: str = SECRET) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


def test_the_cause_is_proven_and_the_working_stands_beside_it(server: Inspected) -> None:
    number = server.deliver("/hook", BODY + b"\n", sign(BODY, SECRET))
    found = diagnosis(server, number)
    assert (found["delivery_id"], found["status"], found["cause"]) == (
        number,
        "invalid",
        "body_newline_added",
    )
    first = found["causes"][0]
    assert first["matched"]
    assert first["fix"]
    assert (first["difference"]["of"], first["difference"]["offset"]) == ("body", len(BODY))
    assert [each["code"] for each in found["tried"] if each["matched"]] == ["body_newline_added"]
    assert len(found["tried"]) > 3
    working = found["working"]
    assert base64.b64decode(working["signed_base64"]) == BODY + b"\n"
    assert working["expected"] == [
        {
            "secret": "key-1",
            "digest": expected_digest(BODY + b"\n"),
            "differs_at": working["expected"][0]["differs_at"],
            "trouble": None,
        }
    ]
    assert working["received"] == [expected_digest(BODY)]
    assert working["tolerance_seconds"] == 300


def test_it_is_kept_after_the_reply_without_being_asked_for(server: Inspected) -> None:
    store = server.server.store
    number = server.deliver("/hook", b"[1, 2]", sign(b"[1,2]", SECRET))
    kept = until(lambda: store.diagnosis(number), what="the diagnosis")
    assert kept is not None
    assert kept["cause"] == "body_json_compact"
    text = json.dumps(unpacked(kept))
    assert "body_json_compact" in text
    for told in (expected_digest(b"[1, 2]"), expected_digest(b"[1,2]"), SECRET):
        assert told not in text


def test_nothing_is_looked_for_where_nothing_failed(server: Inspected) -> None:
    number = server.deliver("/hook", BODY, sign(BODY, SECRET))
    found = diagnosis(server, number)
    assert (found["status"], found["cause"], found["causes"], found["tried"]) == ("valid", "ok", [], [])
    assert found["working"]["expected"][0]["digest"] == expected_digest(BODY)
    assert server.server.store.diagnosis(number) is None
    problem(server.ask("GET", "/api/deliveries/999999/diagnosis"), 404)


def test_a_secret_of_another_endpoint_is_named_with_its_path(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/staging", "secret": "the-other-one"}, status=201)
    number = server.deliver("/hook", BODY, sign(BODY, "the-other-one"))
    found = diagnosis(server, number)
    assert found["cause"] == "other_secret:key-1 of /staging"
    assert "key-1 of /staging" in found["causes"][0]["sentence"]
    # Kept under what was registered then: once the other one is gone, it is not said any more.
    (other,) = [each for each in server.get("/api/endpoints")["endpoints"] if each["path"] == "/staging"]
    server.send("DELETE", f"/api/endpoints/{other['id']}", status=204)
    assert diagnosis(server, number)["cause"] == "unknown"


def test_facts_tell_what_came_before(server: Inspected) -> None:
    created = server.send(
        "POST", "/api/endpoints", {"path": "/facts", "scheme": "blaxel", "secret": SECRET}, status=201
    )
    lost = server.deliver("/facts", b"nobody can restore this", sign(b"at all", "unknown"))
    assert "first_here" in {each["code"] for each in diagnosis(server, lost)["facts"]}
    for number in range(3):
        server.deliver("/facts", b"%d" % number, sign(b"%d" % number, SECRET))
    again = server.deliver("/facts", b"nor this", sign(b"at all", "unknown"))
    facts = {each["code"]: each["sentence"] for each in diagnosis(server, again)["facts"]}
    assert "sometimes_verified" in facts
    assert "3 of 4" in facts["sometimes_verified"]
    server.send("DELETE", f"/api/endpoints/{created['id']}", status=204)
    gone = diagnosis(server, again)
    assert (gone["causes"], gone["working"]) == ([], None)


def test_the_working_leaves_no_trace_anywhere_else(
    server: Inspected, capfd: pytest.CaptureFixture[str]
) -> None:
    body = b'{"canary": "7c2e"}'
    secrets = [expected_digest(body), SECRET]
    secrets.append(base64.b64encode(bytes.fromhex(secrets[0])).decode())
    with streaming(server) as stream:
        sender = raw_http.send(
            server.callbacks, "POST", "/hook", [("X-Blaxel-Signature", f"sha256={'0' * 64}")], body
        )
        number = int(sender.header("x-callback-delivery") or 0)
        told = diagnosis(server, number)
        assert told["working"]["expected"][0]["digest"] == secrets[0]
        page = server.ask("GET", f"/deliveries/{number}?tab=verification").body.decode()
        assert secrets[0][8:16] in page
        streamed = _until(stream, "delivery", number)
        server.send("PATCH", f"/api/deliveries/{number}", {"note": "seen"})
        streamed += _until(stream, "update", number)
    whole = server.ask("GET", f"/api/deliveries/{number}").body
    exports = [
        server.ask("GET", f"/api/deliveries/{number}/export/{form}").body
        for form in ("curl", "http", "har", "httpie", "python", "pytest")
    ]
    archives = [server.ask("GET", f"/api/export?format={form}").body for form in ("har", "jsonl")]
    kept = server.server.store.diagnosis(number)
    assert kept is not None
    database = server.server.store.database
    files = b"".join(path.read_bytes() for path in database.parent.glob(f"{database.name}*"))
    logged = "".join(capfd.readouterr()).encode()
    places = [repr(sender).encode(), streamed, whole, *exports, *archives, files, logged]
    places.append(json.dumps(unpacked(kept)).encode())
    for place in places:
        for secret in secrets:
            assert secret.encode() not in place


def _until(stream: EventStream, name: str, number: int) -> bytes:
    """Everything that the stream says up to that event about that delivery."""
    said = b""
    while True:
        event = stream.next()
        said += repr(event).encode()
        if event.name == name and event.data["id"] == number:
            return said
