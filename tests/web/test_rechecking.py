"""Late truth: stored deliveries judged anew, as of their arrival, when what they are checked with changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from support.deliveries import UNCONFIGURED
from support.event_stream import streaming
from support.inspected import Inspected, inspected
from support.requests import request
from support.waiting import until

from inspector import sign
from inspector.models import NewDelivery, Reply
from inspector.receive.receiver import Receiver
from inspector.receive.rechecking import Rechecker
from inspector.settings import Settings
from inspector.store import ROOT_ID, Store

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


def test_the_newest_is_judged_first(server: Inspected) -> None:
    url = endpoint(server, path="/newest")
    numbers = [server.deliver("/newest", b"%d" % n, signed(b"%d" % n)) for n in range(150)]
    with streaming(server) as stream:
        assert stream.next().name == "hello"
        server.send("POST", f"{url}/secrets", {"secret": SECRET}, status=201)
        first = stream.next()
    assert first.name == "update"
    assert first.data["id"] >= numbers[50]
    settled(server, url)
    assert {verdict(server, number)["status"] for number in (numbers[0], numbers[-1])} == {"valid"}


def test_one_that_is_stored_meanwhile_by_what_there_was_before_is_judged_too() -> None:
    async def statuses() -> list[str]:
        with closing(Store.open(Settings())) as store:
            receiver = Receiver(store, Settings())
            rechecker = Rechecker(store, receiver)
            bodies, now_ns = (b"0", b"1", b"2"), time.time_ns()
            requests = [replace(request(each, None, *signed(each)), received_ns=now_ns) for each in bodies]
            for each in requests[:2]:
                await receiver.receive(each)
            judged = NewDelivery(ROOT_ID, requests[2], UNCONFIGURED, Reply(), None)
            store.secrets.add(ROOT_ID, value=SECRET)
            rechecker.start(ROOT_ID)
            await asyncio.sleep(0)
            await store.add(judged)
            await asyncio.to_thread(until, lambda: not rechecker.progress, what="the end of the recheck")
            return [str(row.status) for row in store.newest().rows]

    assert asyncio.run(statuses()) == ["valid"] * 3


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
