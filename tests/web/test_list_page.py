"""The list's page over a real socket: its windows, parts for scripts, filter, and picture of arrivals."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from support.raw_http import RawReply
from support.servers import RunningServer

from inspector.store import ARRIVAL_MINUTES, Arrivals
from inspector.web.sparkline import HIGHEST, sparkline

ROW = re.compile(r'<li class="row[^"]*" data-id="(\d+)"')


def page(server: RunningServer, target: str, part: str = "") -> RawReply:
    headers = [("Accept", "text/html"), *([("X-Page-Part", part)] if part else [])]
    return server.ask("GET", target, headers)


def ids(reply: RawReply) -> list[int]:
    return [int(number) for number in ROW.findall(reply.body.decode())]


def link(reply: RawReply, name: str) -> str | None:
    """Where the link with id *name* leads; None when it is not shown."""
    found = re.search(rf'id="{name}" href="([^"]*)"([^>]*)>', reply.body.decode())
    assert found
    return None if "hidden" in found[2] or not found[1] else found[1].replace("&amp;", "&")


def test_windows_lead_to_each_other(server: RunningServer) -> None:
    for number in range(205):
        server.send("POST", "/", [], b"%d" % number)
    newest = page(server, "/")
    assert ids(newest) == list(range(205, 105, -1))
    assert link(newest, "older-rows") == "/?before=106"
    older = page(server, "/?before=106")
    assert ids(older) == list(range(105, 5, -1))
    assert link(older, "newer-rows") == "/?after=105"
    assert link(older, "newest") == "/"
    assert ids(page(server, "/?after=105")) == ids(newest)
    oldest = page(server, link(older, "oldest") or "")
    assert ids(oldest) == list(range(100, 0, -1))
    assert link(oldest, "older-rows") is None
    assert "The first delivery that is kept." in oldest.body.decode()
    last = page(server, link(older, "older-rows") or "")
    assert ids(last) == [5, 4, 3, 2, 1]
    assert link(last, "older-rows") is None


def test_links_carry_filter_endpoint_and_window(server: RunningServer) -> None:
    server.client.send("POST", "/api/endpoints", {"path": "/agents", "scheme": "none"})
    for target in ("/agents/1", "/agents/2", "/other"):
        server.send("POST", target, [], target.encode())
    text = page(server, "/?endpoint=/agents&q=method:POST&before=9").body.decode()
    assert 'href="/deliveries/2?endpoint=/agents&amp;q=method:POST&amp;before=9"' in text
    assert 'href="/?q=method:POST"' in text
    assert 'href="/delete?endpoint=/agents&amp;q=method:POST"' in text
    assert "2 of 2" in text


@pytest.mark.parametrize("q", ["status:vaild", '"open', "nokey:1"])
def test_a_bad_filter_is_a_400_for_people_and_an_ordinary_answer_for_who_still_types(
    server: RunningServer, q: str
) -> None:
    server.send("POST", "/", [], b"1")
    for path in ("/", "/deliveries/1"):
        text = page(server, f"{path}?q={q}", "list").body.decode()
        assert 'aria-invalid="true"' in text
        assert "at character" in text
    assert page(server, f"/?q={q}").status == 400
    assert page(server, f"/?q={q}", "list").status == 200
    assert page(server, f"/delete?q={q}").status == 400


def test_scripts_get_the_part_that_they_ask_for(server: RunningServer) -> None:
    for _ in range(3):
        server.send("POST", "/", [], b"again")
    whole = page(server, "/deliveries/1")
    assert ids(whole) == [3, 2, 1]
    detail = page(server, "/deliveries/1", "detail")
    assert ids(detail) == []
    assert '<article data-id="1"' in detail.body.decode()
    numbers = page(server, "/", "numbers")
    assert ids(numbers) == []
    assert "3<span" in numbers.body.decode()
    fold = page(server, "/?open=3", "fold")
    assert ids(fold) == [3, 2, 1]
    assert ids(page(server, "/")) == [3]


@pytest.mark.parametrize(
    "target", ["/?open=99", "/?open=1", "/?before=0", "/?after=99", "/?before=1&after=1"]
)
def test_odd_windows_are_empty_or_usual(server: RunningServer, target: str) -> None:
    for _ in range(2):
        for part in ("", "fold", "nowhere"):
            assert page(server, target, part).status == 200
        server.send("POST", "/", [], b"1")


def test_the_picture_of_arrivals() -> None:
    start = datetime(2026, 11, 25, tzinfo=UTC)
    counts = {3: (1, 1), 7: (100, 1), 14: (50, 0)}
    drawn = sparkline(
        [
            Arrivals(start + timedelta(minutes=number), *counts.get(number, (0, 0)))
            for number in range(ARRIVAL_MINUTES)
        ]
    )
    assert drawn.label == "Last 15 minutes: 151 deliveries, 2 not valid"
    assert [(bar.x, bar.height, bar.not_valid) for bar in drawn.bars if bar.height] == [
        (15, 1, 1),
        (35, HIGHEST, 1),
        (70, HIGHEST // 2, 0),
    ]
    assert sparkline([]).label == "Last 15 minutes: no deliveries"
