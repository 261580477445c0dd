"""Credentials left out of what is copied and exported: found by name, listed, nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import request

from inspector.content.masking import Hidden, is_credential_header, mask_head, mask_request, masked_bytes


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "X-Blaxel-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "ApiKey",
        "X-Auth-Token",
        "X-Gitlab-Token",
        "X-Amz-Security-Token",
        "X-Callback-Secret",
        "X-Webhook_Password",
        "X-Session-Id",
    ],
)
def test_headers_that_carry_credentials(name: str) -> None:
    assert is_credential_header(name)


@pytest.mark.parametrize(
    "name",
    [
        "X-Blaxel-Signature",
        "X-Hub-Signature-256",
        "Stripe-Signature",
        "webhook-signature",
        "X-Blaxel-Timestamp",
        "Content-Type",
        "User-Agent",
        "Tokenizer",
        "Idempotency-Key",
        "Sec-WebSocket-Key",
        "X-Author",
    ],
)
def test_headers_that_do_not(name: str) -> None:
    assert not is_credential_header(name)


def test_values_are_left_out_and_what_surrounds_them_stays() -> None:
    received = request(
        b"",
        None,
        ("Authorization", "Bearer abc.def"),
        ("X-Api-Key", "k1"),
        ("x-api-key", "k2"),
        ("Cookie", "session=s1; theme=dark"),
        ("X-Hub-Signature", "sha1=00"),
        target=b"/a?access_token=t&page=2&sig=z&api_key=&token",
    )
    masked = mask_request(received)
    assert masked_bytes(masked.target) == b"/a?access_token=[masked]&page=2&sig=z&api_key=&token"
    assert [masked_bytes(value) for _, value in masked.headers] == [
        b"Bearer [masked]",
        b"[masked]",
        b"[masked]",
        b"session=[masked]; theme=[masked]",
        b"sha1=00",
    ]
    assert masked.hidden == (
        Hidden("query", "access_token", "ACCESS_TOKEN"),
        Hidden("header", "Authorization", "AUTHORIZATION"),
        Hidden("header", "X-Api-Key", "X_API_KEY"),
        Hidden("header", "x-api-key", "X_API_KEY_2"),
        Hidden("header", "Cookie session", "COOKIE_SESSION"),
        Hidden("header", "Cookie theme", "COOKIE_THEME"),
    )


def test_revealed_is_as_it_was() -> None:
    received = request(b"", None, ("Authorization", "Bearer abc"), target=b"/?token=1")
    masked = mask_request(received, reveal=True)
    assert masked_bytes(masked.target) == received.target
    assert [(name, masked_bytes(value)) for name, value in masked.headers] == list(received.headers)
    assert masked.hidden == ()


def test_a_name_of_any_bytes_gives_a_variable_that_a_shell_can_read() -> None:
    masked = mask_request(request(b"", None, target=b"/?%F0%9F.token=1&1-token=2&\xe9_token=3"))
    assert [hidden.variable for hidden in masked.hidden] == ["F0_9F_TOKEN", "_1_TOKEN", "TOKEN"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"Authorization: Bearer canary", b"Authorization: Bearer [masked]"),
        (b"X-Api-Key:canary", b"X-Api-Key:[masked]"),
        (b"X-Api-Key:\t canary  ", b"X-Api-Key:\t [masked]"),
        (b"X-Api-Key:\r\n canary", b"X-Api-Key:[masked]"),
        (b"X-Api-Key: canary\r\n\tcanary\n canary", b"X-Api-Key: [masked]"),
        (b"Cookie: a=canary;\r\n b=canary", b"Cookie: a=[masked]; b=[masked]"),
        (b"X-Api-Key:", b"X-Api-Key:"),
        (b"X-Other: canary\r\n  folded ", b"X-Other: canary\r\n  folded "),
    ],
)
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("before", [b"", b"\r\n", b"\n\r\n"])
def test_credentials_in_an_exact_head(sent: bytes, shown: bytes, end: bytes, before: bytes) -> None:
    head = before + b"GET /a?token=%b HTTP/1.1" + end + b"Host: h" + end + b"%b" + end + b"X: y" + end + end
    assert mask_head(head % (b"canary", sent)) == head % (b"[masked]", shown)


@given(st.binary(max_size=300).filter(lambda head: not mask_words(head)))
def test_a_head_without_credentials_stays_as_it_is(head: bytes) -> None:
    assert mask_head(head) == head


def mask_words(head: bytes) -> bool:
    """Whether a credential could be meant anywhere in *head*."""
    return b"?" in head or is_credential_header(head.decode("latin-1"))
