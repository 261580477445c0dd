"""What a test callback holds, byte by byte, and what cannot be made one."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import InvalidInput
from inspector.models import header_values
from inspector.send.payload import json_body
from inspector.send.simulate import callback
from inspector.send.tamper import Tamper
from inspector.send.targets import read_target
from inspector.signing import find_scheme

SECRET = "s3cret-s3cret-s3cret-s3cret-s3cr"
SOME_TIME = 1_735_891_200
TARGET = read_target("http://localhost:2255/hook")
BLAXEL = find_scheme("blaxel")


class TestWhatIsSent:
    def test_blaxels_payload(self) -> None:
        before = int(time.time())
        request = callback(BLAXEL, SECRET, TARGET).request
        payload = json.loads(request.body)
        assert list(payload) == ["status_code", "response_body", "response_length", "timestamp"]
        assert payload["status_code"] == 200
        assert payload["response_length"] == len(payload["response_body"].encode())
        assert json.loads(payload["response_body"])
        assert before <= payload["timestamp"] <= time.time()
        assert header_values(request.headers, b"x-blaxel-timestamp") == [b"%d" % payload["timestamp"]]
        assert [name for name, _ in request.headers] == [
            b"Host",
            b"User-Agent",
            b"Content-Type",
            b"X-Blaxel-Timestamp",
            b"X-Blaxel-Signature",
            b"Content-Length",
        ]
        assert (request.method, request.target) == ("POST", b"/hook")
        assert header_values(request.headers, b"host") == [b"localhost:2255"]
        assert header_values(request.headers, b"content-type") == [b"application/json"]

    @pytest.mark.parametrize("tamper", [None, *Tamper])
    def test_the_length_is_that_of_the_body(self, tamper: Tamper | None) -> None:
        request = callback(BLAXEL, SECRET, TARGET, tamper=tamper).request
        assert header_values(request.headers, b"content-length") == [b"%d" % len(request.body)]

    def test_what_each_kind_does(self) -> None:
        body = b'{"b":1,"a":[2,"three"]}'

        def spoilt(tamper: Tamper) -> tuple[bytes, list[bytes], list[bytes]]:
            request = callback(BLAXEL, SECRET, TARGET, body=body, tamper=tamper, timestamp=SOME_TIME).request
            names = (b"x-blaxel-signature", b"x-blaxel-timestamp")
            signature, timestamp = (header_values(request.headers, name) for name in names)
            return request.body, signature, timestamp

        right = callback(BLAXEL, SECRET, TARGET, body=body, timestamp=SOME_TIME).request
        (signature,) = header_values(right.headers, b"x-blaxel-signature")
        assert spoilt(Tamper.MISSING_TIMESTAMP) == (body, [signature], [])
        assert spoilt(Tamper.UPPER_HEX) == (body, [b"sha256=" + signature[7:].upper()], [b"1735891200"])
        assert spoilt(Tamper.NO_PREFIX) == (body, [signature[7:]], [b"1735891200"])
        assert spoilt(Tamper.DUPLICATE_HEADER) == (body, [signature] * 2, [b"1735891200"])
        assert spoilt(Tamper.BODY) == (b'{"b":1,"a":[3,"three"]}', [signature], [b"1735891200"])
        assert spoilt(Tamper.TRUNCATED) == (body[: len(body) - 12], [signature], [b"1735891200"])
        assert spoilt(Tamper.RESERIALISED) == (b'{"b": 1, "a": [2, "three"]}', [signature], [b"1735891200"])
        _, (other,), _ = spoilt(Tamper.SIGNATURE)
        assert [one == two for one, two in zip(other, signature, strict=True)].count(False) == 1
        assert len(spoilt(Tamper.LARGE)[0]) == 102_401
        assert json.loads(spoilt(Tamper.LARGE)[0]) == json.loads(body)

    def test_a_large_payload_is_blaxels(self) -> None:
        request = callback(BLAXEL, SECRET, TARGET, tamper=Tamper.LARGE).request
        payload = json.loads(request.body)
        assert len(request.body) > 102_400
        assert payload["response_length"] == len(payload["response_body"])

    def test_kinds_are_the_documented_ones(self) -> None:
        assert [str(kind) for kind in Tamper] == [
            "stale",
            "future",
            "missing-timestamp",
            "wrong-secret",
            "body",
            "signature",
            "upper-hex",
            "no-prefix",
            "duplicate-header",
            "content-type",
            "large",
            "truncated",
            "stripe-style",
            "reserialised",
        ]
        assert Tamper("stale") is Tamper.STALE
        assert all(kind.done and kind.why.endswith(".") for kind in Tamper)


class TestBodiesOfTheUsersOwn:
    @pytest.mark.parametrize("tamper", [Tamper.BODY, Tamper.TRUNCATED, Tamper.RESERIALISED])
    def test_nothing_of_an_empty_body_can_be_changed(self, tamper: Tamper) -> None:
        with pytest.raises(InvalidInput, match="tamper"):
            callback(BLAXEL, SECRET, TARGET, body=b"", tamper=tamper)

    @pytest.mark.parametrize(
        "body", [b"not JSON", b"\xff", b"[" * 100_000, b"1" * 5000], ids=["text", "bytes", "deep", "long"]
    )
    def test_only_json_can_be_written_again(self, body: bytes) -> None:
        with pytest.raises(InvalidInput, match="tamper: The body is not JSON"):
            callback(BLAXEL, SECRET, TARGET, body=body, tamper=Tamper.RESERIALISED)

    @given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
    def test_json_written_again_is_other_bytes_of_the_same_value(self, value: Any) -> None:
        for body in (json_body(value), json.dumps(value).encode(), json.dumps(value, indent=1).encode()):
            request = callback(BLAXEL, SECRET, TARGET, body=body, tamper=Tamper.RESERIALISED).request
            assert request.body != body
            assert json.loads(request.body) == value

    def test_json_of_the_users_own(self) -> None:
        assert json_body({"ä": ["\u2028", 1.5]}) == '{"ä":["\u2028",1.5]}'.encode()
        assert json_body("\ud800") == b'"\\ud800"'
        for wrong in (float("nan"), b"bytes", {1j: 1}):
            with pytest.raises(InvalidInput, match="json"):
                json_body(wrong)


class TestTime:
    @pytest.mark.parametrize("timestamp", [-1, float("nan"), float("inf"), 1e12])
    def test_one_that_cannot_be_written(self, timestamp: float) -> None:
        with pytest.raises(InvalidInput, match="timestamp"):
            callback(BLAXEL, SECRET, TARGET, timestamp=timestamp)

    @pytest.mark.parametrize("tamper", [Tamper.STALE, Tamper.FUTURE])
    def test_a_kind_that_sets_it_takes_none(self, tamper: Tamper) -> None:
        with pytest.raises(InvalidInput, match="timestamp"):
            callback(BLAXEL, SECRET, TARGET, tamper=tamper, timestamp=time.time())

    @pytest.mark.parametrize("tamper", [Tamper.STALE, Tamper.FUTURE])
    def test_a_tolerance_without_end(self, tamper: Tamper) -> None:
        with pytest.raises(InvalidInput, match="tamper"):
            callback(BLAXEL, SECRET, TARGET, tamper=tamper, tolerance_seconds=10**12)


def test_a_secret_that_the_scheme_cannot_use() -> None:
    with pytest.raises(InvalidInput, match="secret"):
        callback(find_scheme("svix"), "whsec_!!", TARGET)


def test_a_receiver_that_knows_itself_by_another_url() -> None:
    row = find_scheme("hmac", {"content": "{url}{body}"})
    here, there = (
        callback(row, SECRET, TARGET, body=b"x", signed_url=url).request
        for url in (None, "https://tunnel.example/hook")
    )
    assert header_values(here.headers, b"x-signature") != header_values(there.headers, b"x-signature")
    assert here.headers[0] == there.headers[0] == (b"Host", b"localhost:2255")


def test_a_secret_is_shown_nowhere() -> None:
    for tamper in (None, *Tamper):
        assert SECRET not in repr(callback(BLAXEL, SECRET, TARGET, tamper=tamper))
