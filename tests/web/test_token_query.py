"""Queries and dates of webhook.site: whatever is typed is read, or refused by name."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import InvalidInput
from inspector.web.token_dates import read_date
from inspector.web.token_query import read_query

NOW = datetime(2026, 11, 25, 13, 45, 10, tzinfo=UTC)

REQUEST: dict[str, Any] = {
    "uuid": "00000000-0000-4000-8000-000000000001",
    "token_id": "t",
    "type": "web",
    "ip": "127.0.0.1",
    "hostname": "localhost",
    "method": "POST",
    "user_agent": None,
    "content": "An [order] of 3*4",
    "query": None,
    "request": {"a": "1"},
    "headers": {"x-a": ["1", "two"]},
    "url": "http://localhost/t",
    "size": 17,
    "note": None,
    "time": 0.25,
    "created_at": "2026-11-25 13:45:09",
    "updated_at": "2026-11-25 13:45:09",
    "sorting": 1_795_614_309_000_000,
}

PIECES = st.sampled_from(
    'AND OR NOT ( ) a content: "x_y" size: [1_TO_*] created_at: {*_TO_now} headers.x-a: '
    "_exists_:query.a ! && || >3 method:POST x\\ [ }".replace("_TO_", "\0TO\0").split()
).map(lambda piece: piece.replace("\0", " "))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES | st.text(max_size=5), max_size=12).map(" ".join) | st.text(max_size=40))
def test_a_query_is_a_test_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert read_query(text, NOW)(REQUEST) in (True, False)


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="now0123456789-+/|yMwdhms: ", max_size=20)
    | st.lists(st.sampled_from(["-9999y", "+5M", "/w", "-3d", "/y", "+999999w"]), max_size=4).map(
        lambda steps: "now" + "".join(steps)
    ),
    st.booleans(),
)
def test_a_date_is_a_moment_or_refused(text: str, last: bool) -> None:
    with suppress(ValueError):
        assert read_date(text, NOW, last=last).tzinfo is not None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("now", "2026-11-25 13:45:10", "2026-11-25 13:45:10"),
        ("now-7d", "2026-11-18 13:45:10", "2026-11-18 13:45:10"),
        ("now/d", "2026-11-25 00:00:00", "2026-11-25 23:59:59"),
        ("now-1h/h", "2026-11-25 12:00:00", "2026-11-25 12:59:59"),
        ("now/M", "2026-11-01 00:00:00", "2026-11-30 23:59:59"),
        ("now/w", "2026-11-23 00:00:00", "2026-11-29 23:59:59"),
        ("2024.01.31||+1M/d", "2024-02-29 00:00:00", "2024-02-29 23:59:59"),
        ("2022-12-31", "2022-12-31 00:00:00", "2022-12-31 23:59:59"),
        ("2022-12-31 10:00:00", "2022-12-31 10:00:00", "2022-12-31 10:00:00"),
        ("2022-12-31T10:00:00+02:00", "2022-12-31 08:00:00", "2022-12-31 08:00:00"),
    ],
)
def test_dates_and_their_maths(text: str, first: str, last: str) -> None:
    assert f"{read_date(text, NOW, last=False):%Y-%m-%d %H:%M:%S}" == first
    assert f"{read_date(text, NOW, last=True):%Y-%m-%d %H:%M:%S}" == last


@pytest.mark.parametrize(
    ("query", "held"),
    [
        ("order", True),
        ('content:"[order]"', True),
        ("content:3?4", True),
        ("method:post", True),
        ("method:PO*", True),
        ("method:PO", False),
        ("headers.X-A:two", True),
        ("request.a:1 AND NOT query.a:1", True),
        ("_exists_:note OR _exists_:user_agent", False),
        ("size:[17 TO 17]", True),
        ("size:{17 TO *}", False),
        ("size:<=17", True),
        ("time:>0.1 time:<0.3", True),
        ('created_at:["2026-11-25 13:45:09" TO now]', True),
        ("created_at:2026-11-25", True),
        ("absent OR order AND nothing", False),
        ("(an OR nothing) order", True),
    ],
)
def test_what_a_query_holds_of(query: str, held: bool) -> None:
    assert read_query(query, NOW)(REQUEST) is held


def test_text_has_no_range() -> None:
    with pytest.raises(InvalidInput, match="no range"):
        read_query("content:[order]", NOW)
