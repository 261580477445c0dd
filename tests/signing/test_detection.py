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


HEX256, HEX1 = b"0" * 64, b"0" * 40


@pytest.mark.parametrize(
    ("headers", "body", "scheme"),
    [
        # One header of several senders: by their other headers, by the prefix, by the body.
        ([(b"X-Hub-Signature", b"sha1=" + HEX1)], b"{}", "github"),
        ([(b"X-Hub-Signature", b"sha256=" + HEX256)], b"{}", "bitbucket"),
        ([(b"X-Hub-Signature", b"sha256=" + HEX256), (b"X-Event-Key", b"repo:push")], b"{}", "bitbucket"),
        (
            [(b"X-Hub-Signature", b"sha256=" + HEX256), (b"x-atlassian-webhook-identifier", b"1")],
            b"{}",
            "jira",
        ),
        ([(b"X-Hub-Signature", b"sha1=" + HEX1)], b'{"type":"notification_event"}', "intercom"),
        ([(b"X-Hub-Signature-256", b"sha256=" + HEX256)], b'{"object":"page","entry":[]}', "meta"),
        (
            [(b"X-Hub-Signature-256", b"sha256=" + HEX256), (b"X-GitHub-Event", b"push")],
            b'{"object":"page","entry":[]}',
            "github",
        ),
        ([(b"webhook-signature", b"v1a,x")], b"{}", "standard-webhooks-v1a"),
        ([(b"webhook-signature", b"v1,x v1a,x")], b"{}", "standard-webhooks"),
        ([(b"webhook-signature", HEX256)], b"{}", "gocardless"),
        ([(b"X-HubSpot-Signature", HEX256), (b"X-HubSpot-Signature-Version", b"v1")], b"{}", "hubspot-v1"),
        ([(b"X-HubSpot-Signature", HEX256), (b"X-HubSpot-Signature-Version", b"v2")], b"{}", "hubspot-v2"),
        ([(b"X-HubSpot-Signature", HEX256), (b"X-HubSpot-Signature-v3", b"x")], b"{}", "hubspot"),
        ([(b"X-Signature", HEX256)], b"{}", "auto"),
        ([(b"X-Signature", HEX256), (b"X-Event-Name", b"order_created")], b"{}", "lemon-squeezy"),
        ([(b"Authorization", b"secret")], b"{}", "auto"),
        # A header of one sender goes before the shape of the body.
        ([(b"stripe-signature", b"t=1")], b'{"notificationItems":[],"NotificationRequestItem":1}', "stripe"),
        ([(b"X-DocuSign-Signature-7", b"x")], b"{}", "docusign"),
        ([(b"x-hookdeck-signature-2", b"x")], b"{}", "hookdeck"),
        ([(b"shopify-hmac-sha256", b"x")], b"{}", "shopify"),
        # The signature in the body.
        ([], b'{"Type":"Notification","Signature":"x","SigningCertURL":"y"}', "aws-sns"),
        ([], b'{"signature":{"timestamp":"1","token":"2","signature":"3"}}', "mailgun"),
        ([], b"timestamp=1&token=2&signature=3", "mailgun"),
        (
            [],
            b'{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"x"}}}]}',
            "adyen",
        ),
        ([], b'{"value":[{"subscriptionId":"1","clientState":"x"}]}', "microsoft-graph"),
        ([], b"a timestamp, a token and a signature, in prose", "auto"),
        ([], b'{"signature":"x","token":1,"timestamp":2}', "auto"),
        ([], b"", "auto"),
        ([], b"[" * 5000 + b'"SigningCertURL" "Signature"', "auto"),
    ],
)
def test_auto_names_the_sender(headers: list[tuple[bytes, bytes]], body: bytes, scheme: str) -> None:
    assert inspector.verify(body, headers, "secret", now=0).scheme == scheme


def test_a_header_that_many_use_is_nobodys_and_named_all_the_same() -> None:
    verdict = inspector.verify(b"{}", [("X-Signature", "0" * 64)], "secret", now=0)
    assert "X-Signature came, which no scheme known here uses" in verdict.reason


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
