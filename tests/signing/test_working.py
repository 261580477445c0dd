"""The working shown to whoever owns the secrets: what was compared with what."""

from __future__ import annotations

import hmac

import pytest

import inspector
from inspector.models import Message, Secret
from inspector.signing import Working, describe, explain, find_scheme

NOW = 1_735_891_210
BODY = b'{"a":1}\n'
SECRET = "secret"
RIGHT = hmac.digest(SECRET.encode(), BODY, "sha256").hex()


def working(headers: list[tuple[str, str]], *secrets: Secret, scheme: str = "blaxel") -> Working:
    raw = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)
    return explain(Message(BODY, raw), find_scheme(scheme), secrets, now=NOW)


def test_shows_both_digests_and_where_they_part() -> None:
    received = RIGHT[:3] + ("0" if RIGHT[3] != "0" else "1") + RIGHT[4:]
    headers = [
        ("x-BLAXEL-signature", f"sha256={received}"),
        ("Host", "a"),
        ("X-Blaxel-Timestamp", str(NOW - 1)),
    ]
    shown = working(headers, Secret("prod", SECRET))
    assert shown.received == (received,)
    assert [(e.secret, e.digest, e.differs_at) for e in shown.expected] == [("prod", RIGHT, 3)]
    assert shown.headers == (headers[0], headers[2])
    assert shown.signed == BODY
    assert (shown.timestamp, shown.tolerance_seconds) == (str(NOW - 1), 300)
    assert shown.verification.status == "invalid"
    assert shown.description == "HMAC-SHA256 of the raw body, as hex"


def test_a_match_differs_nowhere_and_every_secret_is_shown() -> None:
    headers = inspector.sign(BODY, SECRET, timestamp=NOW)
    shown = working(headers, Secret("old", "gone"), Secret("new", SECRET))
    assert [e.secret for e in shown.expected] == ["old", "new"]
    assert shown.expected[0].differs_at is not None
    assert shown.expected[1].differs_at is None
    assert shown.verification.secret == "new"


def test_a_cut_digest_differs_where_it_ends() -> None:
    shown = working([("X-Blaxel-Signature", f"sha256={RIGHT[:62]}")], Secret("prod", SECRET))
    assert shown.expected[0].differs_at == 62


def test_all_headers_of_one_name_are_shown() -> None:
    headers = [("X-Blaxel-Signature", f"sha256={RIGHT}"), ("X-Blaxel-Signature", "caf\xe9")]
    assert working(headers, Secret("prod", SECRET)).headers == tuple(headers)


def test_an_unusable_secret_says_why_it_gives_nothing() -> None:
    secret = "whsec_c3RhbmRhcmQtd2ViaG9va3MtbG9jYWwta2V5LTAxMjM="
    headers = inspector.sign(BODY, secret, scheme="svix", timestamp=NOW, message_id="m")
    shown = working(headers, Secret("bad", "whsec_!"), Secret("good", secret), scheme="auto")
    assert shown.expected[0].digest == ""
    assert shown.expected[0].trouble == "is not base64"
    assert shown.expected[1].differs_at is None
    assert shown.signed == f"m.{NOW}.".encode() + BODY
    assert [name for name, _ in shown.headers] == ["svix-id", "svix-timestamp", "svix-signature"]


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [([("webhook-signature", "v1,x")], "svix"), ([("Host", "a")], "auto"), ([], "none")],
)
def test_nothing_is_expected_where_there_is_nothing_to_sign(
    headers: list[tuple[str, str]], scheme: str
) -> None:
    shown = working(headers, Secret("prod", "AAAA"), scheme=scheme)
    assert shown.signed is None
    assert shown.expected == ()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("github-sha1", "HMAC-SHA1 of the raw body, as hex"),
        ("svix", 'HMAC-SHA256 of the message id, ".", timestamp, ".", raw body, as base64'),
        ("auto", ""),
        ("none", ""),
    ],
)
def test_description(name: str, words: str) -> None:
    assert describe(find_scheme(name)) == words


def test_secrets_never_show_in_what_is_printed() -> None:
    shown = working(inspector.sign(BODY, SECRET, timestamp=NOW), Secret("prod", SECRET))
    assert f"'{SECRET}'" not in repr(shown)
