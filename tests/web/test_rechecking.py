"""Late truth: stored deliveries judged anew, as of their arrival, when what they are checked with changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.event_stream import streaming
from support.inspected import Inspected, inspected
from support.waiting import until

from inspector import sign

SECRET = "the-secret-of-the-sender"


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def endpoint(server: Inspected, **fields: Any) -> str:
    created = server.send("POST", "/api/endpoints", {"scheme": "blaxel", **fields}, status=201)
    return f"/api/endpoints/{created['id']}"


def signed(body: bytes, **options: Any) -> list[tuple[str, str]]:
    return sign(body, SECRET, **options)


def verdict(server: Inspected, number: int) -> Any:
    return server.get(f"/api/deliveries/{number}")["verification"]


def settled(server: Inspected, url: str) -> None:
    """Waits until the endpoint's deliveries are all judged anew."""
    until(lambda: server.get(url)["rechecking"] is None, what="the end of the recheck")


def test_a_secret_that_comes_late_makes_valid_what_was_signed_with_it(server: Inspected) -> None:
    url = endpoint(server, path="/late")
    good = server.deliver("/late", b"{}", signed(b"{}"))
    bad = server.deliver("/late", b"{ }", signed(b"{}"))
    assert {verdict(server, number)["status"] for number in (good, bad)} == {"unconfigured"}
    server.send("POST", f"{url}/secrets", {"secret": "not this one"}, status=201)
    settled(server, url)
    assert {verdict(server, number)["status"] for number in (good, bad)} == {"invalid"}
    added = server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
    settled(server, url)
    assert (verdict(server, good)["status"], verdict(server, good)["secret"]) == ("valid", added["name"])
    assert verdict(server, bad)["status"] == "invalid"
    server.send("DELETE", f"{url}/secrets/{added['name']}", status=204)
    settled(server, url)
    assert verdict(server, good)["status"] == "invalid"


def test_it_is_judged_as_of_its_arrival(server: Inspected) -> None:
    url = endpoint(server, path="/time", tolerance_seconds=60)
    fresh = server.deliver("/time", b"{}", signed(b"{}", timestamp=int(time.time()) - 50))
    stale = server.deliver("/time", b"{}", signed(b"{}", timestamp=int(time.time()) - 100))
    server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
    settled(server, url)
    assert (verdict(server, fresh)["status"], verdict(server, stale)["status"]) == ("valid", "expired")
    age = verdict(server, fresh)["age_seconds"]
    server.send("PATCH", url, {"tolerance_seconds": age - 1})
    settled(server, url)
    assert (verdict(server, fresh)["status"], verdict(server, fresh)["age_seconds"]) == ("expired", age)
    server.send("PATCH", url, {"tolerance_seconds": None})
    settled(server, url)
    assert {verdict(server, number)["status"] for number in (fresh, stale)} == {"valid"}


def test_a_change_of_scheme_counts_and_one_of_the_name_does_not(server: Inspected) -> None:
    url = endpoint(server, path="/scheme", secret=SECRET)
    number = server.deliver("/scheme", b"{}", signed(b"{}"))
    revision = server.get("/api/status")["revision"]
    server.send("PATCH", url, {"name": "Another name", "reply": {"status": 202}, "handshake": "off"})
    assert server.get(url)["rechecking"] is None
    assert server.get("/api/status")["revision"] == revision
    server.send("PATCH", url, {"scheme": "github"})
    settled(server, url)
    assert verdict(server, number)["status"] == "missing"
    server.send("PATCH", url, {"scheme": "auto"})
    settled(server, url)
    assert (verdict(server, number)["status"], verdict(server, number)["scheme"]) == ("valid", "blaxel")


def test_other_endpoints_and_other_facts_stay_as_they_are(server: Inspected) -> None:
    url = endpoint(server, path="/mine")
    endpoint(server, path="/theirs")
    mine = server.deliver("/mine", b"{}", signed(b"{}"))
    theirs = server.deliver("/theirs", b"{}", signed(b"{}"))
    server.send("PATCH", f"/api/deliveries/{mine}", {"note": "kept"})
    before = server.get(f"/api/deliveries/{mine}")
    server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
    settled(server, url)
    assert verdict(server, theirs)["status"] == "unconfigured"
    after = server.get(f"/api/deliveries/{mine}")
    assert {**after, "verification": None} == {**before, "verification": None}


def test_streams_are_told_of_each_new_verdict_and_progress_is_shown(server: Inspected) -> None:
    url = endpoint(server, path="/many")
    numbers = [server.deliver("/many", b"%d" % index, signed(b"%d" % index)) for index in range(120)]
    with streaming(server) as stream:
        assert stream.next().name == "hello"
        server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
        progress = server.get(url)["rechecking"]
        assert progress is None or (progress["total"], progress["done"] <= 120) == (120, True)
        told: set[int] = set()
        while len(told) < len(numbers):
            event = stream.next()
            assert (event.name, event.data["verification"]["status"]) == ("update", "valid")
            told.add(event.data["id"])
    assert told == set(numbers)
    settled(server, url)


def test_nothing_is_begun_where_there_is_nothing(server: Inspected) -> None:
    url = endpoint(server, path="/empty")
    server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
    assert server.get(url)["rechecking"] is None
