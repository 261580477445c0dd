"""Filters in the API over a real socket: one text finds the same everywhere, and a bad one says where."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from support.deliveries import add_all, new_delivery
from support.event_stream import streaming
from support.inspected import Inspected, inspected, problem
from support.searched import FOUND_BODY, SEARCHES, deliver_needle, ids, q

from inspector.content import decoded_text
from inspector.errors import NotFound
from inspector.matching import Subject, match, parse
from inspector.settings import Settings
from inspector.store import Store
from inspector.web import searching

FILTERS = (
    "status:unconfigured",
    "-status:unconfigured",
    "method:put",
    "path:/agents/**",
    "path:/agents/* -size:>10",
    "header.x-kind",
    "-header.x-kind:b*",
    "query.page:2",
    "json.a.b.0:7",
    "json.word:é*",
    "content_type:application/json",
    "body:needle",
    "needle page",
    "reply:2xx after:10m",
    "before:2020-01-01",
    "id:>2 id:<5",
    "pinned:yes",
    "endpoint:/ attempt:1",
    "école",
)


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def deliver_all_sorts(server: Inspected) -> list[int]:
    """Deliveries that the filters above tell apart."""
    as_json = ("Content-Type", "application/json; charset=utf-8")
    numbers = [
        server.deliver("/agents/one", b"needle", [("X-Kind", "a")]),
        server.deliver("/agents/one/two", b"", [("X-Kind", "b-1")], method="PUT"),
        server.deliver("/other?page=2", b'{"a":{"b":[7]}}', [as_json]),
        server.deliver("/agents/two?page=3", '{"word":"école"}'.encode(), [as_json]),
        server.deliver("/agents/needle?page=2", b"x" * 2000),
        server.deliver(
            "/", '{"word":"\xe9cole"}'.encode("latin-1"), [("Content-Type", "a/json; charset=latin-1")]
        ),
    ]
    server.send("PATCH", f"/api/deliveries/{numbers[1]}", {"pinned": True})
    return numbers


def test_search_terms_are_literal_in_every_place(server: Inspected) -> None:
    number = deliver_needle(server)
    with streaming(server, "?after=0") as everything:
        everything.take(2)
    for text, found in SEARCHES:
        expected = [number] if found else []
        assert ids(server.get(f"/api/deliveries?{q(text)}")) == expected, text
        assert ids(server.get(f"/api/deliveries?after=0&{q(text)}")) == expected, text
        assert server.get(f"/api/deliveries/count?{q(text)}") == {"count": len(expected), "complete": True}
        assert server.ask("GET", f"/api/deliveries/latest?{q(text)}").status == (200 if found else 404), text
        with streaming(server, f"?after=0&{q(text)}") as stream:
            stream.next()
            last = deliver_needle(server)
            told = [event.data["id"] for event in stream.take(2)] if found else []
        assert told == ([number, last] if found else [])
        server.ask("DELETE", f"/api/deliveries/{last}")
    assert server.ask("GET", f"/api/deliveries/{number}/body").body == FOUND_BODY


def test_the_same_text_finds_the_same_in_api_file_and_memory(tmp_path: Path) -> None:
    found = {}
    with inspected(database=tmp_path / "callbacks.db") as server:
        numbers = deliver_all_sorts(server)
        for text in FILTERS:
            newest_first = ids(server.get(f"/api/deliveries?{q(text)}"))
            assert newest_first[::-1] == ids(server.get(f"/api/deliveries?after=0&{q(text)}"))
            assert server.get(f"/api/deliveries/count?{q(text)}")["count"] == len(newest_first)
            found[text] = newest_first
    with Store.open_reading(tmp_path / "callbacks.db") as archive:
        for text in FILTERS:
            tree = parse(text, now=datetime.now(UTC))
            assert [row.id for row in archive.newest(where=tree).rows] == found[text], text
            in_memory = []
            for number in reversed(numbers):
                delivery = archive.delivery(number)
                request = delivery.request
                path = archive.endpoint(delivery.endpoint_id).path
                if match(
                    tree, Subject.of(delivery, path, partial(decoded_text, request.body, request.headers))
                ):
                    in_memory.append(number)
            assert in_memory == found[text], text
    assert [text for text, rows in found.items() if not rows] == ["-status:unconfigured", "before:2020-01-01"]


def test_an_endpoint_and_a_filter_hold_together(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    server.deliver("/other", b"needle")
    mine = [server.deliver("/mine", body) for body in (b"needle", b"hay", b"needle")]
    query = f"endpoint=/mine&{q('needle')}"
    assert ids(server.get(f"/api/deliveries?{query}")) == [mine[2], mine[0]]
    assert server.get(f"/api/deliveries/count?{query}")["count"] == 2
    assert server.get("/api/deliveries/count?endpoint=/mine") == {"count": 3, "complete": True}
    assert server.get("/api/deliveries/count") == {"count": 4, "complete": True}
    assert server.get(f"/api/deliveries/latest?endpoint=/mine&{q('hay')}")["id"] == mine[1]


def test_pages_of_what_was_found(server: Inspected) -> None:
    numbers = [server.deliver("/", b"needle" if index % 3 else b"hay") for index in range(12)]
    wanted = [number for index, number in enumerate(numbers) if index % 3]
    found: list[int] = []
    query = f"/api/deliveries?limit=3&{q('needle')}"
    page = server.get(query)
    while True:
        found += ids(page)
        if not page["more"]:
            break
        page = server.get(f"{query}&before={page['cursor']}")
    assert found == wanted[::-1]
    upward = server.get(f"{query}&after={wanted[0]}")
    assert (ids(upward), upward["cursor"]) == (wanted[1:4], wanted[3])
    blank = server.get(f"/api/deliveries?{q('nowhere')}")
    assert blank == {"deliveries": [], "cursor": numbers[0], "more": False}
    assert server.get("/api/deliveries?q=")["deliveries"] == server.get("/api/deliveries")["deliveries"]
    assert server.get("/api/deliveries?q=%20")["deliveries"] == server.get("/api/deliveries")["deliveries"]


def test_a_filter_on_nothing_kept(server: Inspected) -> None:
    assert server.get("/api/deliveries?q=x") == {"deliveries": [], "cursor": 0, "more": False}
    assert server.get("/api/deliveries?q=x&after=7") == {"deliveries": [], "cursor": 7, "more": False}


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("GET", "/api/deliveries"),
        ("GET", "/api/deliveries/latest"),
        ("GET", "/api/deliveries/count"),
        ("DELETE", "/api/deliveries"),
        ("GET", "/api/stream"),
        ("GET", "/api/export"),
    ],
)
def test_a_bad_filter_says_where(server: Inspected, method: str, route: str) -> None:
    kept = server.deliver()
    form = "format=har&" if route == "/api/export" else ""
    for text, position, words in (
        ("needle statsu:valid", 7, "status"),
        ("status:wrong", 7, "wrong"),
        ('a "b', 2, "quote"),
        ("size:>x", 5, "x"),
    ):
        answer = problem(server.ask(method, f"{route}?{form}{q(text)}"), 400)
        assert (answer["code"], answer["position"]) == ("invalid-filter", position)
        assert words in answer["detail"]
        assert answer["errors"] == [{"field": "q", "message": answer["detail"]}]
    assert server.get(f"/api/deliveries/{kept}")["id"] == kept


def test_deleting_by_filter_spares_the_pinned(server: Inspected) -> None:
    numbers = [server.deliver("/", b"needle" if index % 2 else b"hay") for index in range(10)]
    server.send("PATCH", f"/api/deliveries/{numbers[1]}", {"pinned": True})
    many = f"/api/deliveries?{q('needle')}"
    assert server.get(f"/api/deliveries/count?{q('needle pinned:no')}")["count"] == 4
    with streaming(server) as stream:
        stream.next()
        assert server.send("DELETE", many) == {"deleted": 4}
        assert stream.next().data == {"ids": numbers[3::2]}
    assert ids(server.get(many)) == [numbers[1]]
    assert server.send("DELETE", f"{many}&pinned=true") == {"deleted": 1}
    assert ids(server.get("/api/deliveries")) == numbers[8::-2]


def test_a_stream_tells_what_its_filter_means(server: Inspected) -> None:
    server.send("POST", "/api/endpoints", {"path": "/mine"}, status=201)
    with (
        streaming(server, f"?{q('json.kind:wanted')}") as by_body,
        streaming(server, f"?endpoint=/mine&{q('method:put')}") as by_head,
    ):
        by_body.next(), by_head.next()
        server.deliver("/", b'{"kind":"other"}')
        wanted = server.deliver("/", b'{"kind":"wanted"}')
        server.deliver("/", b"", method="PUT")
        mine = server.deliver("/mine", b"", method="PUT")
        last = server.deliver("/", b'{"kind":"wanted"}')
        assert [event.data["id"] for event in by_body.take(2)] == [wanted, last]
        assert by_head.next().data["id"] == mine
        server.send("PATCH", f"/api/deliveries/{mine}", {"note": "x"})
        server.send("PATCH", f"/api/deliveries/{wanted}", {"note": "y"})
        assert (by_body.next().name, by_head.next().data["note"]) == ("update", "x")


def test_who_follows_the_pinned_learns_that_one_no_longer_is(server: Inspected) -> None:
    number, other = server.deliver("/a"), server.deliver("/b")
    server.send("PATCH", f"/api/deliveries/{number}", {"pinned": True})
    with streaming(server, f"?after=0&{q('pinned:yes path:/a')}") as stream:
        assert [event.name for event in stream.take(2)] == ["hello", "delivery"]
        server.send("PATCH", f"/api/deliveries/{other}", {"pinned": True})
        server.send("PATCH", f"/api/deliveries/{number}", {"pinned": False})
        update = stream.next()
        assert (update.name, update.data["id"], update.data["pinned"]) == ("update", number, False)


def test_searches_go_on_slice_by_slice_and_say_how_far_they_got() -> None:
    async def search() -> None:
        with Store.open(Settings()) as store:
            await add_all(store, [new_delivery(b"needle" if n == 5 else b"hay") for n in range(1, 201)])
            tree = parse("needle", now=datetime.now(UTC))
            assert await searching.latest_id(store, tree, None, slice_seconds=0) == 5
            count = await searching.count_meant(store, tree, None, slice_seconds=0)
            assert (count.found, count.complete) == (1, True)
            with pytest.raises(NotFound, match=r"Searched back to #137 .* before=137"):
                await searching.latest_id(store, tree, None, slice_seconds=0, patience_seconds=0)
            part = await searching.count_meant(store, tree, None, slice_seconds=0, patience_seconds=0)
            assert (part.found, part.cursor, part.complete) == (1, 64, False)

    asyncio.run(search())
