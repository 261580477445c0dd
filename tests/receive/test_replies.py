"""Which replies are refused before they are stored, and what a reply is made into before it is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import InvalidInput
from inspector.models import Reply
from inspector.receive.replies import check_reply, encoded_headers, refusal, with_defaults


@pytest.mark.parametrize(
    ("reply", "field"),
    [
        (Reply(status=99), "reply.status"),
        (Reply(status=199), "reply.status"),
        (Reply(status=600), "reply.status"),
        (Reply(headers=(("", "x"),)), "reply.headers"),
        (Reply(headers=(("Bad Name", "x"),)), "reply.headers"),
        (Reply(headers=(("X", "a\r\nSet-Cookie: b"),)), "reply.headers"),
        (Reply(headers=(("X", "\x00"),)), "reply.headers"),
        (Reply(headers=(("X", "✓"),)), "reply.headers"),
        (Reply(headers=(("content-length", "3"),)), "reply.headers"),
        (Reply(headers=(("Transfer-Encoding", "chunked"),)), "reply.headers"),
        (Reply(headers=(("CONNECTION", "close"),)), "reply.headers"),
        (Reply(headers=(("X-Callback-Delivery", "1"),)), "reply.headers"),
        (Reply(status=204, body=b"x"), "reply.body"),
        (Reply(status=304, body=b"x"), "reply.body"),
        (Reply(delay_seconds=-1), "reply.delay_seconds"),
        (Reply(delay_seconds=30.5), "reply.delay_seconds"),
        (Reply(delay_seconds=float("nan")), "reply.delay_seconds"),
        (Reply(delay_seconds=float("inf")), "reply.delay_seconds"),
    ],
)
def test_a_reply_that_cannot_be_sent_names_its_field(reply: Reply, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_reply(reply)
    assert [error.field for error in refused.value.errors] == [field]
    assert refused.value.errors[0].message


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_reply(Reply(status=99, headers=(("Content-Length", "1"),), delay_seconds=31))
    assert [error.field for error in refused.value.errors] == [
        "reply.status",
        "reply.headers",
        "reply.delay_seconds",
    ]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(),
        Reply(
            status=599, headers=(("Retry-After", "7"), ("X-É".replace("É", "E"), "caf\xe9\t~")), body=b"\x00"
        ),
        Reply(status=204, delay_seconds=30),
    ],
)
def test_a_reply_that_can_be_sent_passes(reply: Reply) -> None:
    check_reply(reply)


@given(st.text(max_size=8), st.text(max_size=8))
def test_what_passes_survives_the_wire(name: str, value: str) -> None:
    reply = Reply(headers=((name, value),))
    try:
        check_reply(reply)
    except InvalidInput:
        return
    (first, *_) = encoded_headers(reply)
    assert (first[0].decode("ascii"), first[1].decode("latin-1")) == (name, value)
    assert not set(first[0] + first[1]) & set(b"\r\n\0:")


def test_defaults_fill_in_and_never_replace() -> None:
    assert with_defaults(Reply()).headers == (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
    )
    own = (("content-TYPE", "text/xml"), ("x-content-type-options", "off"))
    assert with_defaults(Reply(headers=own)).headers == own
    assert with_defaults(Reply(status=204)).headers == (("X-Content-Type-Options", "nosniff"),)


@pytest.mark.parametrize(("status", "length"), [(200, b"2"), (205, b"2"), (204, None), (304, None)])
def test_a_length_stands_where_it_may(status: int, length: bytes | None) -> None:
    assert dict(encoded_headers(Reply(status=status, body=b"hi"))).get(b"Content-Length") == length


def test_a_refusal_says_when_to_come_again() -> None:
    reply = refusal(503, "No room.", retry_after_seconds=5)
    assert (reply.status, reply.body, dict(reply.headers)["Retry-After"]) == (503, b"No room.\n", "5")
