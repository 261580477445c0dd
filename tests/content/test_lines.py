"""JSON Lines and event streams: line by line, in windows."""

from __future__ import annotations

from support.requests import request

from inspector.content.json_tree import JsonWindow
from inspector.content.kinds import Kind
from inspector.content.lines import JsonLines, StreamEvents, read_events, read_json_lines
from inspector.content.views import body_view

STREAM = "text/event-stream"


def test_each_line_is_a_text_of_its_own_and_a_bad_one_says_where() -> None:
    found = read_json_lines('{"a":1}\r\n\n[1]\n{"b":}\n"last"')
    assert [(row.number, row.window.state) for row in found.rows] == [
        (1, "parsed"),
        (3, "parsed"),
        (4, "invalid"),
        (5, "parsed"),
    ]
    assert found.state == "invalid"
    assert found.rows[2].window.faults[0].column == 6


def test_record_separators_are_line_ends() -> None:
    found = read_json_lines('\x1e{"a":1}\n\x1e{"b":2}\n')
    assert [row.window.state for row in found.rows] == ["parsed", "parsed"]


def test_windows_of_lines_follow_each_other() -> None:
    text = "".join(f"[{number}]\n" for number in range(250))
    first = read_json_lines(text)
    assert (len(first.rows), first.total, first.next_line) == (100, 250, 101)
    second = read_json_lines(text, first.next_line or 0)
    assert second.rows[0].number == 101


def test_json_lines_are_found_under_a_wrong_type() -> None:
    for content_type in ("application/json", "text/plain", None):
        view = body_view(request(b'{"a":1}\n{"b":2}\n', content_type))
        assert view.kind is Kind.JSON_LINES
        assert view.guessed
    assert body_view(request(b"{\n1}", None)).kind is Kind.TEXT


def test_a_long_line_goes_on_in_a_window_of_its_own() -> None:
    body = b"[1]\n" + str(list(range(300))).encode()
    view = body_view(request(body, "application/x-ndjson"))
    assert isinstance(view.content, JsonLines)
    cursor = view.content.rows[1].window.lines[-2].cursor
    further = body_view(request(body, "application/x-ndjson"), at=f"2/{cursor}").content
    assert isinstance(further, JsonWindow)
    assert further.lines[0].text == "100"


def test_events_are_read_as_a_browser_reads_them() -> None:
    found = read_events('event: a\r\nid: 1\r\ndata: {"x":1}\r\n\r\n: hi\ndata:one\ndata: two\n\ndata: cut')
    first, second, third = found.events
    assert (first.event, first.id, first.data) == ("a", "1", '{"x":1}')
    assert first.opened is not None
    assert (second.event, second.data, second.comments) == ("message", "one\ntwo", ("hi",))
    assert third.data == "cut"
    assert not found.ended


def test_an_event_stream_that_stops_early_says_so() -> None:
    view = body_view(request(b"data: x", STREAM))
    assert isinstance(view.content, StreamEvents)
    assert any("blank line" in notice.text for notice in view.notices)
    assert body_view(request(b"data: x\n\n", STREAM)).notices == ()


def test_windows_of_events_follow_each_other() -> None:
    text = "".join(f"data: {number}\n\n" for number in range(150))
    first = read_events(text)
    assert first.next_event == 101
    assert [event.data for event in read_events(text, 101).events] == [str(n) for n in range(100, 150)]


def test_many_lines_are_quick(within_a_second: None) -> None:
    assert len(read_json_lines('{"a":1}\n' * 130_000).rows) == 100
    assert read_json_lines("\n" * 1_000_000).rows == ()
    assert read_events("\n\n" * 500_000).events == ()
