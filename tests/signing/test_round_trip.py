"""What we sign verifies, what is changed does not, and nothing that can be sent raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.signed import IN_BODY, NOW, SIGNING, URL, body_of, flipped, secret_of, signed

import inspector
from inspector.errors import InvalidInput
from inspector.models import HeaderPairs, Message, Secret, VerificationStatus
from inspector.signing import Scheme, explain, find_scheme, generate_secret
from inspector.signing.scheme import Encoding

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
ROWS = st.sampled_from([*SIGNING, *OWN])
NONEMPTY = st.binary(min_size=1, max_size=200)


@pytest.mark.parametrize("row", [*SIGNING, *OWN], ids=lambda row: str(row.name))
def test_what_is_signed_is_valid(row: Scheme) -> None:
    secret = secret_of(row)
    for filling in (b"{}", b'{"a":"\xc3\xa9"}', b"\x00\xff\r\n", b"x" * 70_000):
        body = body_of(row, filling)
        verdict = inspector.verify(body, signed(row, body), secret, scheme=row, url=URL, now=NOW)
        assert verdict.status == "valid", verdict.reason
        assert verdict.cause == "ok"
        assert not verdict.warned


@pytest.mark.parametrize("row", [*SIGNING, *OWN], ids=lambda row: str(row.name))
def test_another_secret_or_key_is_not(row: Scheme) -> None:
    body = body_of(row, b"{}")
    other = generate_secret(row)
    if row.name == "paypal":  # the id stays, the key is another
        other = secret_of(row).partition("\n")[0] + "\n" + other.partition("\n")[2]
    verdict = inspector.verify(body, signed(row, body), other, scheme=row, url=URL, now=NOW)
    assert (verdict.status, verdict.signature) == ("invalid", "mismatch")


@settings(deadline=None)
@given(row=ROWS, data=st.data())
def test_one_flipped_bit_of_the_signature_is_another_signature(row: Scheme, data: st.DataObject) -> None:
    """Only the letter case of hex may change and leave it what it is, and that is never passed over."""
    secret, body = secret_of(row), body_of(row, b"{}")
    *others, (name, value) = signed(row, body)
    start = value.index(row.signature.prefix.decode()) + len(row.signature.prefix)
    place = data.draw(st.integers(8 * start, 8 * len(value) - 1))
    changed = flipped(value.encode(), place)
    headers = [*((n.encode(), v.encode()) for n, v in others), (name.encode(), changed)]
    verdict = inspector.verify(body, headers, secret, scheme=row, url=URL, now=NOW)
    hex_case = row.signature.encoding is Encoding.HEX and changed.lower() == value.encode()
    assert verdict.status != "valid" or (hex_case and verdict.warned)


@pytest.mark.parametrize("name", IN_BODY)
def test_what_no_header_can_carry_is_not_signed(name: str) -> None:
    row = find_scheme(name)
    with pytest.raises(InvalidInput, match="into the body") as caught:
        inspector.sign(b"{}", generate_secret(row), scheme=name, url=URL)
    assert [error.field for error in caught.value.errors] == ["scheme"]


def test_a_url_that_is_signed_has_to_be_known() -> None:
    for name in ("twilio", "square", "hubspot", "hubspot-v2", "qstash"):
        with pytest.raises(InvalidInput) as caught:
            inspector.sign(b"{}", "secret", scheme=name)
        assert [error.field for error in caught.value.errors] == ["url"]


def test_a_public_key_does_not_sign() -> None:
    key = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
    with pytest.raises(InvalidInput, match="not make one") as caught:
        inspector.sign(b"{}", key, scheme="discord")
    assert [error.field for error in caught.value.errors] == ["secret"]


NAMES = st.sampled_from(
    b"""
    X-Blaxel-Signature x-blaxel-timestamp X-Hub-Signature-256 X-Hub-Signature X-Signature
    webhook-id webhook-timestamp webhook-signature svix-id svix-signature Stripe-Signature X-Twilio-Signature
    Upstash-Signature Plaid-Verification X-Signature-Ed25519 X-Signature-Timestamp PAYPAL-TRANSMISSION-SIG
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


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("blaxel", ["X-Blaxel-Timestamp", "X-Blaxel-Signature"]),
        ("github", ["X-GitHub-Delivery", "X-Hub-Signature-256"]),
        ("github-sha1", ["X-GitHub-Delivery", "X-Hub-Signature"]),
        ("standard-webhooks", ["webhook-id", "webhook-timestamp", "webhook-signature"]),
        ("svix", ["svix-id", "svix-timestamp", "svix-signature"]),
        ("hmac", ["webhook-id", "X-Signature"]),
        ("stripe", ["Stripe-Signature"]),
        ("linear", ["Linear-Delivery", "linear-signature"]),
        ("docusign", ["X-DocuSign-Signature-1"]),
        (
            "fal",
            [
                "X-Fal-Webhook-Request-Id",
                "X-Fal-Webhook-User-Id",
                "X-Fal-Webhook-Timestamp",
                "X-Fal-Webhook-Signature",
            ],
        ),
    ],
)
def test_signed_headers_are_those_the_sender_writes(name: str, headers: list[str]) -> None:
    row = find_scheme(name)
    assert [header for header, _ in signed(row, body_of(row, b"{}"))] == headers


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("stripe", f"t={NOW},v1="),
        ("paddle", f"ts={NOW};h1="),
        ("workos", f"t={NOW}000, v1="),
        ("inngest", f"t={NOW}&s="),
        ("slack", "v0="),
        ("pagerduty", "v1="),
    ],
)
def test_a_list_is_written_as_the_sender_writes_it(name: str, begins: str) -> None:
    row = find_scheme(name)
    assert signed(row, body_of(row, b"{}"))[-1][1].startswith(begins)
