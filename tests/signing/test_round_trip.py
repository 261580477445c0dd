"""What we sign verifies, what is changed does not, and nothing that can be sent raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspector
from inspector.models import HeaderPairs, Message, Secret, VerificationStatus
from inspector.signing import Scheme, check, explain, find_scheme, generate_secret, scheme_names
from inspector.signing.scheme import Part

NOW = 1_735_891_210
URL = "https://receiver.example/hooks/1?a=b"

SIGNING = [find_scheme(name) for name in scheme_names() if name not in ("auto", "none")]
STAMPED = find_scheme(
    "hmac",
    {
        "header": "X-Acme",
        "prefix": "v0=",
        "hash": "sha512",
        "content": "v0:{timestamp}:{body}",
        "timestamp_header": "X-Acme-Time",
    },
)
ADDRESSED = find_scheme(
    "hmac", {"encoding": "base64", "hash": "sha1", "key": "hex", "content": "{method} {url}\n{body}"}
)
NUMBERED = find_scheme(
    "hmac",
    {
        "key": "base64",
        "hash": "sha384",
        "content": "{id}|{timestamp}|{body}",
        "id_header": "X-Id",
        "timestamp_header": "X-Date",
        "timestamp_unit": "ms",
    },
)
OWN = [STAMPED, ADDRESSED, NUMBERED]
SECRETS = {row: generate_secret(row) for row in (*SIGNING, *OWN)}
ROWS = st.sampled_from([*SIGNING, *OWN])
NONEMPTY = st.binary(min_size=1, max_size=200)


def signed(body: bytes, row: Scheme, secret: str) -> list[tuple[str, str]]:
    return inspector.sign(body, secret, scheme=row, timestamp=NOW, message_id="msg_1", url=URL)


@settings(deadline=None)
@given(body=NONEMPTY, row=ROWS)
def test_what_is_signed_is_valid(body: bytes, row: Scheme) -> None:
    secret = SECRETS[row]
    verdict = inspector.verify(body, signed(body, row, secret), secret, scheme=row, url=URL, now=NOW)
    assert verdict.status == "valid", verdict.reason
    assert verdict.cause == "ok"
    assert not verdict.warned


@settings(deadline=None)
@given(body=NONEMPTY, row=ROWS, data=st.data())
def test_one_flipped_bit_of_the_body_is_not(body: bytes, row: Scheme, data: st.DataObject) -> None:
    secret = SECRETS[row]
    place = data.draw(st.integers(0, 8 * len(body) - 1))
    flipped = bytearray(body)
    flipped[place // 8] ^= 1 << place % 8
    verdict = inspector.verify(
        bytes(flipped), signed(body, row, secret), secret, scheme=row, url=URL, now=NOW
    )
    assert verdict.status == "invalid"
    assert verdict.signature == "mismatch"


@settings(deadline=None)
@given(row=st.sampled_from([row for row in (*SIGNING, *OWN) if len(row.content) > 1]), data=st.data())
def test_one_flipped_bit_of_what_else_is_covered_is_not(row: Scheme, data: st.DataObject) -> None:
    """Id, timestamp, method and URL, each where the row says that it is covered."""
    secret = SECRETS[row]
    headers = {name: value.encode() for name, value in signed(b"{}", row, secret)}
    parts = {Part.METHOD: b"POST", Part.URL: URL.encode()}
    names = {}
    if row.timestamp is not None:
        names[Part.TIMESTAMP] = row.timestamp.header.own
    if row.message_id is not None:
        names[Part.ID] = row.message_id.own
    parts |= {part: headers[name] for part, name in names.items()}
    part = data.draw(st.sampled_from([part for part in parts if row.covers(part)]))
    place = data.draw(st.integers(0, 8 * len(parts[part]) - 1))
    flipped = bytearray(parts[part])
    flipped[place // 8] ^= 1 << place % 8
    parts[part] = bytes(flipped)
    headers |= {name: parts[each] for each, name in names.items()}
    message = Message(
        body=b"{}",
        headers=tuple((name.encode(), value) for name, value in headers.items()),
        method=parts[Part.METHOD].decode("latin-1"),
        url=parts[Part.URL].decode("latin-1"),
    )
    verdict = check(message, row, [Secret("key-1", secret)], now=NOW)
    assert verdict.status == "invalid"
    assert verdict.signature == "mismatch"


@settings(deadline=None)
@given(row=ROWS, data=st.data())
def test_one_flipped_bit_of_the_digest_is_another_digest(row: Scheme, data: st.DataObject) -> None:
    """Only the letter case of hex may change and leave it what it is, and that is never passed over."""
    secret = SECRETS[row]
    *others, (name, value) = signed(b"{}", row, secret)
    digest = bytearray(value.encode())
    place = data.draw(st.integers(8 * len(row.signature.prefix), 8 * len(digest) - 1))
    digest[place // 8] ^= 1 << place % 8
    headers = [*((n.encode(), v.encode()) for n, v in others), (name.encode(), bytes(digest))]
    verdict = inspector.verify(b"{}", headers, secret, scheme=row, url=URL, now=NOW)
    assert verdict.status != "valid" or (verdict.warned and digest.decode().lower() == value)


NAMES = st.sampled_from(
    b"""
    X-Blaxel-Signature x-blaxel-timestamp X-Hub-Signature-256 X-Hub-Signature X-Signature
    webhook-id webhook-timestamp webhook-signature svix-id svix-signature
    """.split()
)
ODD_VALUES = [
    b"",
    b"sha256=",
    b"sha1=" + b"a" * 40,
    b"sha256=" + b"A" * 64,
    b"v1, v1,= ,",
    b"v1," + b"A" * 43 + b"=",
    b"9" * 5000,
    b"-1",
    b"1735891210",
    b"1735891210000",
    "\uff11\uff17".encode(),
]
VALUES = st.binary(max_size=90) | st.sampled_from(ODD_VALUES)
SECRET_TEXTS = st.text(st.characters(exclude_categories=[]), max_size=40) | st.sampled_from(
    ["", " ", "whsec_", "whsec_!!!!", "v1,whsec_AAAA", "whsec_AAAA", "AAAA\n", "\udcff", "\ud800"]
)


@settings(max_examples=500, deadline=None)
@given(
    body=st.binary(max_size=60),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=6).map(tuple),
    secrets=st.lists(SECRET_TEXTS, max_size=3),
    row=st.sampled_from([*SIGNING, *OWN, find_scheme("auto"), find_scheme("none")]),
    now=st.floats(-1e12, 1e12),
    tolerance=st.none() | st.floats(),
    complete=st.booleans(),
    url=st.none() | st.text(max_size=10),
)
def test_nothing_raises_and_nonsense_is_never_valid(
    body: bytes,
    headers: HeaderPairs,
    secrets: list[str],
    row: Scheme,
    now: float,
    tolerance: float | None,
    complete: bool,
    url: str | None,
) -> None:
    message = Message(body=body, headers=headers, url=url, complete=complete)
    named = [Secret(f"key-{number}", value) for number, value in enumerate(secrets)]
    working = explain(message, row, named, now=now, tolerance=tolerance)
    verdict = working.verification
    assert verdict.status is not VerificationStatus.VALID
    assert verdict.reason.endswith(".")
    assert verdict.reason.isprintable()


def test_a_header_longer_than_any_sender_writes_is_judged_all_the_same() -> None:
    values = ["v1," * 60_000, "0" * 250_000, "sha256=" + "a" * 200_000]
    for header, scheme in (("webhook-signature", "svix"), ("X-Blaxel-Signature", "blaxel")):
        for value in values:
            headers = [(header, value), ("svix-id", "1"), ("svix-timestamp", str(NOW))]
            assert inspector.verify(b"{}", headers, "AAAA", scheme=scheme, now=NOW).status == "malformed"


@pytest.mark.parametrize("row", SIGNING, ids=lambda row: str(row.name))
def test_signed_headers_are_those_the_sender_writes(row: Scheme) -> None:
    names = [name for name, _ in signed(b"{}", row, generate_secret(row))]
    assert (
        names
        == {
            "blaxel": ["X-Blaxel-Timestamp", "X-Blaxel-Signature"],
            "github": ["X-GitHub-Delivery", "X-Hub-Signature-256"],
            "github-sha1": ["X-GitHub-Delivery", "X-Hub-Signature"],
            "standard-webhooks": ["webhook-id", "webhook-timestamp", "webhook-signature"],
            "svix": ["svix-id", "svix-timestamp", "svix-signature"],
            "hmac": ["webhook-id", "X-Signature"],
        }[row.name]
    )
