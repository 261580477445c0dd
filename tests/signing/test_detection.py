"""What is told by headers alone: who sends, and which deliveries are attempts of one message."""

from __future__ import annotations

import pytest

import inspector
from inspector.models import HeaderPairs, Message
from inspector.signing import message_id, signature_headers


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        (b"X-Blaxel-Signature", "blaxel"),
        (b"x-blaxel-timestamp", "blaxel"),
        (b"X-Hub-Signature-256", "github"),
        (b"X-Hub-Signature", "github"),
        (b"webhook-signature", "standard-webhooks"),
        (b"Webhook-Timestamp", "standard-webhooks"),
        (b"Svix-Signature", "svix"),
        (b"svix-timestamp", "svix"),
        (b"X-Signature", "auto"),
        (b"Content-Type", "auto"),
    ],
)
def test_auto_names_the_sender_with_and_without_a_secret(name: bytes, scheme: str) -> None:
    for secret in ("secret", ""):
        assert inspector.verify(b"{}", [(name, b"1")], secret, now=0).scheme == scheme


def test_a_signature_header_tells_more_than_a_timestamp_header() -> None:
    headers = [(b"x-blaxel-timestamp", b"1"), (b"webhook-signature", b"v1,x")]
    assert inspector.verify(b"{}", headers, "secret", now=0).scheme == "standard-webhooks"


def test_signature_headers_are_listed_as_received() -> None:
    headers: HeaderPairs = (
        (b"svix-SIGNATURE", b"v1,x"),
        (b"X-Other-Signature", b"1"),
        (b"x-hub-signature", b"sha1=1"),
        (b"X-Hub-Signature-256", b"sha256=1"),
        (b"X-BLAXEL-Signature", b"1"),
        (b"X-Blaxel-Signature", b"2"),
    )
    assert signature_headers(headers) == [
        ("X-BLAXEL-Signature", "blaxel"),
        ("X-Hub-Signature-256", "github"),
        ("x-hub-signature", "github"),
        ("svix-SIGNATURE", "svix"),
    ]
    assert signature_headers(()) == []


class TestMessageId:
    @pytest.mark.parametrize("name", [b"webhook-id", b"Svix-Id", b"X-GitHub-Delivery"])
    def test_is_the_senders_own_where_there_is_one(self, name: bytes) -> None:
        for body in (b"", b"{}"):
            assert message_id(Message(body, ((name, b"m\xe9-1"),)), b"/") == "mé-1"

    def test_is_none_for_an_empty_body_without_one(self) -> None:
        assert message_id(Message(b"", ()), b"/") is None
        assert message_id(Message(b"", ((b"webhook-id", b""),)), b"/") is None

    def test_else_tells_method_target_and_body_apart(self) -> None:
        same = {message_id(Message(b"{}", ((b"Date", str(n).encode()),)), b"/a?b") for n in range(3)}
        assert len(same) == 1
        others = {
            message_id(Message(b"{}", ()), b"/a"),
            message_id(Message(b"{} ", ()), b"/a"),
            message_id(Message(b"{}", ()), b"/a?b"),
            message_id(Message(b"{}", (), method="PUT"), b"/a"),
            message_id(Message(b"a{}", ()), b"/"),
            message_id(Message(b"\x00{}", ()), b"/a"),
            message_id(Message(b"{}", ()), b"/a\x00"),
        }
        assert len(others) == 7
        assert None not in others
