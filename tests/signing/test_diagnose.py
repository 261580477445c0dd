"""What a diagnosis says where nothing can be proven, what it never gives away, and that it never raises."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import pytest
from support.diagnoses import BODY, NOW, SECRET, diagnosed, digest, facts, message, signed
from support.vectors import all_vectors

import inspector
from inspector.models import Secret
from inspector.signing import check, find_scheme
from inspector.signing.diagnose import diagnose
from inspector.signing.diagnosis import as_json
from inspector.signing.facts import History


class TestFacts:
    def test_history(self) -> None:
        codes = [
            (None, set()),
            (History(), {"first_here"}),
            (History(failed=3), {"never_verified"}),
            (History(verified=3), {"always_verified"}),
            (History(verified=3, failed=1), {"sometimes_verified"}),
            (
                History(verified=3, failed=2, failed_non_ascii=2),
                {"sometimes_verified", "only_non_ascii_fails"},
            ),
            (History(verified=3, failed=2, failed_non_ascii=2, verified_non_ascii=1), {"sometimes_verified"}),
            (History(same_body=7), {"first_here", "same_body_other_signature"}),
        ]
        every = set().union(*(expected for _, expected in codes))
        for history, expected in codes:
            diagnosis = diagnose(
                message(BODY, signed(b"other")),
                find_scheme("blaxel"),
                [Secret("k", SECRET)],
                now=NOW,
                history=history,
            )
            assert every & facts(diagnosis).keys() == expected, history

    def test_of_the_way_and_the_body(self) -> None:
        headers = [
            *signed(b"other"),
            ("Via", "1.1 proxy"),
            ("CF-Ray", "1"),
            ("Content-Type", "application/json"),
        ]
        body = "{caf\ufffd}\n".encode()
        diagnosis = diagnosed(body, [*headers, ("Content-Length", str(len(body)))])
        found = facts(diagnosis)
        assert "Via, CF-Ray" in found["proxy"]
        assert {
            "length_as_declared",
            "non_ascii",
            "replacement_characters",
            "ends_with_newline",
            "not_json",
        } <= set(found)

    def test_a_wrong_length_is_a_cause(self) -> None:
        diagnosis = diagnosed(BODY[:-1], [*signed(BODY), ("Content-Length", str(len(BODY)))])
        assert diagnosis.cause == "body_length"
        assert f"{len(BODY) - 1:,}" in diagnosis.causes[0].sentence

    def test_large_bodies_are_not_varied_and_that_is_said(self) -> None:
        diagnosis = diagnosed(b"a" * (1 << 20) + b"\n", signed(b"a" * (1 << 20)))
        assert diagnosis.cause == "unknown"
        assert "body_not_varied" in facts(diagnosis)

    def test_the_budget_ends_the_search(self) -> None:
        scheme = find_scheme("blaxel")
        for budget_seconds, stopped in ((0.0, True), (60.0, False)):
            diagnosis = diagnose(
                message(BODY, signed(b"other")),
                scheme,
                [Secret("k", SECRET)],
                now=NOW,
                budget_seconds=budget_seconds,
            )
            assert ("search_stopped" in facts(diagnosis)) is stopped
            assert (len(diagnosis.tried) == 0) is stopped


class TestDiscretion:
    """What is stored and served has no secret, and no digest that one would give."""

    def test_neither_secrets_nor_digests(self) -> None:
        checked = 0
        for vector in all_vectors():
            if (
                vector.scheme in ("mailgun", "adyen", "aws-sns")
                or vector.expect == "valid"
                or len(vector.secret) < 8
            ):
                continue  # theirs stand in the body itself
            diagnosis = inspector.diagnose(
                vector.body,
                vector.headers,
                vector.secret,
                scheme=vector.scheme,
                url=vector.url,
                now=vector.now,
                other_secrets=vector.other_secrets,
            )
            text = json.dumps(as_json(diagnosis))
            for secret in (
                vector.secret,
                vector.secret.strip(),
                vector.secret.strip('"'),
                *vector.other_secrets.values(),
            ):
                assert json.dumps(secret)[1:-1] not in text
                for hash_name in ("sha1", "sha256", "sha512"):
                    expected = digest(vector.body, secret.encode(), hash_name)
                    assert expected.hex() not in text
                    assert base64.b64encode(expected).decode() not in text
            assert vector.secret not in repr(diagnosis)
            checked += 1
        assert checked > 100

    def test_everything_has_its_place_in_json(self) -> None:
        stored = as_json(diagnosed(BODY + b"\n", signed(BODY)))
        assert stored["cause"] == "body_newline_added"
        assert stored["status"] == "invalid"
        causes, tried = stored["causes"], stored["tried"]
        assert isinstance(causes, list)
        assert isinstance(tried, list)
        assert causes[0]["difference"]["here"].endswith("\\n")
        assert causes[0]["matched"] is True
        assert tried[-1] == {
            "code": "body_newline_added",
            "description": "the body without its final newline",
            "matched": True,
        }


class TestArguments:
    def test_the_shapes_that_verify_takes(self) -> None:
        headers = {name.lower().encode(): value for name, value in signed(BODY)}
        diagnosis = inspector.diagnose(
            BODY + b"\n",
            headers,
            ["other", SECRET],
            scheme=find_scheme("blaxel"),
            now=NOW,
            other_secrets=["third"],
        )
        assert diagnosis.cause == "body_newline_added"

    def test_without_now_it_is_this_moment(self) -> None:
        assert inspector.diagnose(BODY, signed(BODY), SECRET).cause == "timestamp_old"
        assert inspector.diagnose(BODY, inspector.sign(BODY, SECRET), SECRET).cause == "ok"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"body": "text"},
            {"headers": 7},
            {"secret": None},
            {"other_secrets": b"x"},
            {"scheme": 7},
            {"now": "now"},
        ],
        ids=repr,
    )
    def test_wrong_types(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(TypeError):
            inspector.diagnose(**{"body": BODY, "headers": signed(BODY), "secret": SECRET, **wrong})


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["arrays", "objects"])
def test_nothing_raises_on_json_that_can_just_be_read(opening: bytes, closing: bytes) -> None:
    headers = signed(b"other")
    for depth in range(400, 1_100, 41):
        assert diagnosed(opening * depth + b"1" + closing * depth, headers).cause == "unknown"


def test_nothing_raises_on_urls_and_proxies_that_are_none() -> None:
    chance = random.Random(3)
    pieces = [
        "http",
        "https",
        ":",
        "//",
        "[",
        "]",
        "a",
        "%",
        "?",
        "#",
        "@",
        "\udc80",
        "é",
        "²",
        "443",
        "::1",
        "\x00",
    ]
    names = [
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "Host",
        "Forwarded",
        "X-Original-URL",
    ]
    values = [
        "https",
        "a:b",
        "²",
        "9" * 5_000,
        "[::1",
        "/p?x",
        'host="',
        "proto=https;host=a",
        "",
        "\xff",
        "443",
    ]
    signature = ("x-square-hmacsha256-signature", base64.b64encode(bytes(32)).decode())
    for _ in range(500):
        url = "".join(chance.choices(pieces, k=chance.randint(0, 8)))
        headers = [(chance.choice(names), chance.choice(values)) for _ in range(3)]
        found = inspector.diagnose(b"{}", [*headers, signature], SECRET, scheme="square", url=url, now=NOW)
        assert found.cause == "unknown"


def test_nothing_raises_whatever_is_mutated_and_every_match_is_one() -> None:
    """Half of the mutations keep the signature's shape, so that the search is really entered."""
    chance = random.Random(20_261_125)
    recorded = all_vectors()
    for _ in range(1_500):
        vector = chance.choice(recorded)
        body, headers, secret = bytearray(vector.body), list(vector.headers), vector.secret
        for _ in range(chance.randint(1, 3)):
            kind = chance.randrange(5)
            if kind == 0 and body:
                body[chance.randrange(len(body))] = chance.randrange(256)
            elif kind == 1:
                body = body[: chance.randrange(len(body) + 1)] + bytes(chance.choices(range(256), k=3))
            elif kind == 2 and headers:
                place = chance.randrange(len(headers))
                name, value = headers[place]
                cut = chance.randrange(len(value) + 1)
                headers[place] = (
                    name,
                    value[:cut] + chance.choice(["", "é", "=", ",", '"', "\x00", "v1="]) + value[cut:],
                )
            elif kind == 3:
                secret = chance.choice(
                    ["", secret[::-1], f" {secret}", f"'{secret}'", "\ud800", "whsec_", "=" * 9]
                )
            elif headers:
                headers.append(chance.choice(headers))
        diagnosis = inspector.diagnose(
            bytes(body),
            headers,
            secret,
            scheme=chance.choice([vector.scheme, "auto", "blaxel"]),
            url=chance.choice([vector.url, None, "http://[", "x"]),
            now=vector.now,
            other_secrets={"other": vector.secret},
        )
        json.dumps(as_json(diagnosis))
        if diagnosis.match is not None:
            match = diagnosis.match
            assert check(match.message, match.scheme, [match.secret], now=vector.now).signature == "match"
