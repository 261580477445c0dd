"""The page of scripts: made and changed by a form without scripts, and what is held let go from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from support import raw_http
from support.inspected import Inspected, inspected
from support.raw_http import RawReply
from support.waiting import until

FORM = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def submit(server: Inspected, target: str, **fields: str) -> RawReply:
    """A form as the page posts it."""
    own = ("Origin", f"http://{server.host}")
    return server.ask("POST", target, headers=[FORM, own], body=urlencode(fields).encode())


def entry(index: int, **fields: str) -> dict[str, str]:
    return {f"replies.{index}.{name}": value for name, value in fields.items()}


def page(server: Inspected, target: str = "/endpoints/root") -> str:
    reply = server.ask("GET", target)
    assert reply.status == 200, reply
    return unescape(re.sub(rb"\s+", b" ", reply.body).decode())


def script(server: Inspected) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/api/endpoints/root/replies")["replies"]
    return found


def test_a_script_is_made_changed_and_dropped_by_the_form(server: Inspected) -> None:
    blank = entry(2, status="", times="", delay_seconds="", when="", fault="", type="", body="")
    first = entry(
        0, status="503", times="2", delay_seconds="0.01", when="method:POST", type="application/json"
    )
    second = entry(1, fault="close", hold="on", body="")
    saved = submit(
        server, "/endpoints/root/replies", **first, **{"replies.0.body": '{"a":1}'}, **second, **blank
    )
    assert (saved.status, saved.header("location")) == (303, "/endpoints/root?saved=script#script")
    made = script(server)
    assert [(each["status"], each["times"], each["when"], each["fault"], each["hold"]) for each in made] == [
        (503, 2, "method:POST", None, False),
        (200, None, None, "close", True),
    ]
    assert (made[0]["headers"], made[0]["body"]) == ([["Content-Type", "application/json"]], '{"a":1}')
    assert raw_http.send(server.callbacks, "POST", "/", body=b"x").status == 503
    shown = page(server)
    assert "used 1 of 2" in shown
    assert 'name="replies.0.status" class="short" inputmode="numeric" placeholder="200" value="503"' in shown
    assert 'value="close" selected' in shown
    assert 'name="replies.2.status"' in shown
    assert ", scripted<" in shown or "200, scripted" in shown
    removed = submit(server, "/endpoints/root/replies", **entry(0, status=""), **second)
    assert removed.status == 303
    assert [each["fault"] for each in script(server)] == ["close"]
    assert submit(server, "/endpoints/root/replies", **blank).status == 303
    assert script(server) == []


def test_what_the_form_does_not_show_stays(server: Inspected) -> None:
    entries = [{"headers": [["X-A", "<1>"]], "body_base64": "//8="}, {"status": 202}]
    server.send("PUT", "/api/endpoints/root/replies", {"replies": entries})
    posted = Posted()
    posted.feed(server.ask("GET", "/endpoints/root").body.decode())
    assert submit(server, "/endpoints/root/replies", **posted.fields).status == 303
    kept = script(server)
    assert (kept[0]["headers"], kept[0]["body_base64"]) == ([["X-A", "<1>"]], "//8=")
    assert [(each["status"], each["times"]) for each in kept] == [(200, 1), (202, None)]


class Posted(HTMLParser):
    """The fields of the script's form, as a browser would post them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        is_sent = given.get("type") != "checkbox" or "checked" in given
        if tag == "input" and name.startswith("replies.") and is_sent:
            self.fields[name] = given.get("value") or ""


def test_what_is_wrong_is_said_beside_the_field(server: Inspected) -> None:
    wrong = submit(
        server,
        "/endpoints/root/replies",
        **entry(0, status=""),
        **entry(1, status="99", when="statsu:valid"),
        **entry(2, status="204", body="x", times="many"),
    )
    assert wrong.status == 400
    shown = unescape(wrong.body.decode())
    for field in ("replies.0.status", "replies.0.when", "replies.1.body", "replies.1.times"):
        assert f'id="script-{field}-error"' in shown
    assert 'value="99"' in shown
    assert script(server) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"headers": "garbage"}, "headers"),
        ({"headers": "[1]"}, "headers"),
        ({"headers": "[[]]"}, "headers"),
        ({"headers": '[["A\\r\\nB","x"]]'}, "headers"),
        ({"headers": "[" * 100_000}, "headers"),
        ({"type": "text/plain\r\nX: 1"}, "headers"),
        ({"body_base64": "@@"}, "body_base64"),
        ({"status": "9" * 5000}, "status"),
        ({"times": "1e2"}, "times"),
        ({"delay_seconds": "nan"}, "delay_seconds"),
        ({"delay_seconds": "1e999"}, "delay_seconds"),
        ({"when": "id:3"}, "when"),
        ({"fault": "explode"}, "fault"),
    ],
)
def test_what_no_browser_would_post_is_told_too(server: Inspected, fields: dict[str, str], told: str) -> None:
    wrong = submit(server, "/endpoints/root/replies", **entry(0, **{"status": "200", **fields}))
    assert wrong.status == 400
    assert f'id="script-replies.0.{told}-error"' in wrong.body.decode()
    assert script(server) == []


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "//evil.example", "1 "])
def test_a_release_goes_back_to_no_other_place(server: Inspected, number: str) -> None:
    refused = submit(server, "/endpoints/root/release", delivery=number)
    assert (refused.status, refused.header("location")) == (404, None)


def test_a_body_of_several_lines_is_seen_whole(server: Inspected) -> None:
    entries = [{"headers": [["Retry-After", "1"]], "body": "one\ntwo\n"}, {"body": "\n" * 50}]
    server.send("PUT", "/api/endpoints/root/replies", {"replies": entries})
    assert re.findall(r'<textarea id="replies[^>]* rows="(\d+)"', page(server)) == ["3", "8", "1"]
    assert "Retry-After, set by the API" in page(server)


def test_a_held_reply_is_released_from_either_page(server: Inspected) -> None:
    server.send("PUT", "/api/endpoints/root/replies", {"replies": [{"status": 202, "hold": True}]})
    for target, fields in (("root", {"delivery": "1"}), ("root", {})):
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(raw_http.send, server.callbacks, "POST", "/", (), b"x")
            until(lambda: script(server)[0]["held"], what="the held reply")
            number = server.get("/api/deliveries")["deliveries"][0]["id"]
            tab = page(server, f"/deliveries/{number}?tab=reply")
            assert "Its reply is held" in tab
            assert "/endpoints/root/release" in tab
            assert "Release the held reply" in page(server)
            released = submit(server, f"/endpoints/{target}/release", **fields)
            expected = f"/deliveries/{number}?tab=reply" if fields else "/endpoints/root#script"
            assert (released.status, released.header("location")) == (303, expected)
            assert waiting.result(10).status == 202
        done = until(partial(_sent, server, number), what="the note")
        assert "Entry 1 of the script, held for" in done
        server.send("PUT", "/api/endpoints/root/replies", {"replies": [{"status": 202, "hold": True}]})


def _sent(server: Inspected, number: int) -> str:
    tab = page(server, f"/deliveries/{number}?tab=reply")
    return tab if "and was sent this" in tab else ""


def test_cors_is_set_by_the_form_of_the_reply_and_by_no_other(server: Inspected) -> None:
    def is_open() -> bool:
        answer: bool = server.get("/api/endpoints/root")["cors"]
        return answer

    reply = {"reply.status": "200", "asks_cors": "on"}
    assert submit(server, "/endpoints/root/reply", **reply, cors="on").status == 303
    assert is_open()
    assert submit(server, "/endpoints/root", name="open", scheme="auto").status == 303
    assert is_open()
    assert submit(server, "/endpoints/root/reply", **reply).status == 303
    assert not is_open()


def test_faults_are_told_in_words(server: Inspected) -> None:
    server.send("PUT", "/api/endpoints/root/replies", {"replies": [{"fault": "close"}]})
    with raw_http.Connection(server.callbacks) as sender:
        sender.send(raw_http.request_bytes(body=b"x"))
        assert sender.read_to_end() == b""
    tab = page(server, "/deliveries/1?tab=reply")
    assert "Its connection was closed without a reply." in tab
    assert "Entry 1 of the script, with the fault close." in tab
    assert "HTTP/1.1 0" not in tab
    assert '<span class="reply">none</span>' in page(server, "/")
