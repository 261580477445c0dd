"""Credentials left out of what is copied and exported: found by name, listed, nothing else touched."""

from __future__ import annotations

import pytest
from support.requests import request

from inspector.content.masking import Hidden, is_credential_header, mask_request, masked_bytes


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
