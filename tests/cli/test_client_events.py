"""Reading a stream of server-sent events."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from inspector.client import Event, events


def test_reads_names_ids_and_data() -> None:
    lines = b'id: 7\nevent: hello\ndata: {"cursor": 7}\n\n: ping\n\nevent: bye\ndata: {}\n\n'.splitlines(
        keepends=True
    )
    assert list(events(lines)) == [Event("hello", {"cursor": 7}, 7), Event("bye", {})]


def test_takes_crlf_and_fields_without_a_blank() -> None:
    lines = b'event:update\r\ndata:{"id":\r\ndata: 3}\r\nretry: 100\r\n\r\n'.splitlines(keepends=True)
    assert list(events(lines)) == [Event("update", {"id": 3})]


def test_what_the_end_cuts_off_is_no_event() -> None:
    assert list(events([b"event: delivery\n", b'data: {"id": 1}\n'])) == []


def test_an_id_holds_for_its_own_event_only() -> None:
    lines = b"id: 1\nevent: a\ndata: {}\n\nevent: b\ndata: {}\n\n".splitlines(keepends=True)
    assert [event.id for event in events(lines)] == [1, None]


@given(st.lists(st.tuples(st.integers(min_value=0), st.dictionaries(st.text(), st.text()))))
def test_reads_back_whatever_was_written(written: list[tuple[int, dict[str, str]]]) -> None:
    stream = "".join(
        f"id: {number}\nevent: delivery\ndata: {json.dumps(data)}\n\n" for number, data in written
    )
    found = events(stream.encode().splitlines(keepends=True))
    assert [(event.id, event.data) for event in found] == written
