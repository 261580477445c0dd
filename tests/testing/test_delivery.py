"""A received callback read in every way: its parts, its verdict, its result, and as something to hand on."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest
from support.senders import post, post_json, post_signed

from inspector.testing import BlaxelResult, Endpoint, Inspector, Pairs
from inspector.testing.masked import without_credentials


def test_the_parts_of_a_request(endpoint: Endpoint) -> None:
    before = datetime.now(UTC)
    post(
        endpoint,
        b"\x00\xff",
        beyond="/a%20b?x=1&x=%C3%BC",
        headers=[("X-Twice", "1"), ("x-twice", "2"), ("Content-Type", "application/x-own")],
        method="PATCH",
    )
    [delivery] = endpoint.deliveries
    assert (delivery.method, delivery.subpath, delivery.path) == ("PATCH", "/a%20b", f"{endpoint.path}/a%20b")
    assert delivery.target == f"{endpoint.path}/a%20b?x=1&x=%C3%BC"
    assert delivery.query.get_all("x") == ["1", "ü"]
    assert delivery.headers["X-TWICE"] == "1"
    assert delivery.headers.get_all("x-Twice") == ["1", "2"]
    assert ("x-twice", "2") in delivery.headers.pairs
    assert delivery.headers.get("X-None") is None
    assert (delivery.body, delivery.content_type, delivery.complete) == (
        b"\x00\xff",
        "application/x-own",
        True,
    )
    assert before <= delivery.received_at <= datetime.now(UTC)
    assert delivery.client.startswith("127.0.0.1:")
    assert (delivery.reply.status, delivery.replied, delivery.attempt) == (200, True, 1)
    assert delivery.url == f"{endpoint.inspector_url.partition('?')[0]}deliveries/{delivery.id}"
    with pytest.raises(ValueError, match="is not JSON"):
        delivery.json()


def test_a_packed_body_is_read_unpacked(endpoint: Endpoint) -> None:
    packed = gzip.compress(b'{"job": 1}')
    post(endpoint, packed, headers=[("Content-Encoding", "gzip"), ("Content-Type", "application/json")])
    [delivery] = endpoint.deliveries
    assert (delivery.body, delivery.text, delivery.json()) == (packed, '{"job": 1}', {"job": 1})


def test_the_result_of_a_blaxel_run(endpoint: Endpoint) -> None:
    payload = {
        "status_code": 200,
        "response_body": '{"result": "ok"}',
        "response_length": 40,
        "timestamp": 1735891200,
    }
    post_signed(endpoint, payload)
    result = endpoint.wait_for(verified=True).result
    assert (result.status_code, result.response, result.truncated) == (200, {"result": "ok"}, True)
    assert result.sent_at == datetime(2025, 1, 3, 8, 0, tzinfo=UTC)
    post_json(endpoint, {"status_code": 500, "response_body": "plain words", "timestamp": "soon"})
    result = endpoint.wait_for(json={"status_code": 500}).result
    assert (result.response, result.sent_at, result.truncated) == ("plain words", None, False)
    post_json(endpoint, {"status_code": "200"})
    with pytest.raises(ValueError, match="no Blaxel result"):
        endpoint.deliveries[-1].result  # noqa: B018  # reading it is the point


def test_what_differs_between_two(endpoint: Endpoint) -> None:
    post_json(endpoint, {"amount": 1})
    post_json(endpoint, {"amount": 2})
    one, other = endpoint.deliveries
    assert one.diff(one).same
    [changed] = [each for each in one.diff(other).differences if each.section == "body"]
    assert (changed.before, changed.after) == ("1", "2")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_curl_command_sends_it_again(endpoint: Endpoint) -> None:
    post_signed(endpoint, {"quote": "it's"})
    first = endpoint.wait_for()
    subprocess.run(["sh", "-c", first.curl()], check=True, capture_output=True)
    again = endpoint.wait_for(after=first)
    assert (again.body, again.attempt) == (first.body, 2)
    assert again.verification


def test_an_archive_without_credentials(endpoint: Endpoint) -> None:
    post(endpoint, b"x", headers=[("Authorization", "Bearer abc")])
    [delivery] = endpoint.deliveries
    assert "abc" not in json.dumps(delivery.har())
    assert "abc" in json.dumps(delivery.har(reveal=True))
    assert "abc" not in delivery.curl()
    assert "abc" in delivery.curl(reveal=True)


def test_deliveries_are_told_apart(inspector: Inspector) -> None:
    endpoint = inspector.endpoint()
    post_json(endpoint, {"job": 1})
    [one] = endpoint.deliveries
    [again] = endpoint.deliveries
    assert one == again
    assert len({one, again}) == 1
    assert repr(one) == f"<Delivery #{one.id} POST {endpoint.path} missing>"


def test_pairs_are_a_mapping_with_repeats() -> None:
    pairs = Pairs([("A", "1"), ("b", "2"), ("a", "3")], fold=True)
    assert (dict(pairs), len(pairs), list(pairs)) == ({"a": "1", "b": "2"}, 2, ["a", "b"])
    assert "a" in pairs
    assert Pairs([("A", "1"), ("a", "2")]).get_all("a") == ["2"]


def test_results_that_are_odd() -> None:
    for timestamp in (10**30, True, "soon", None):
        payload = {"status_code": 200, "response_body": "[" * 100_000, "timestamp": timestamp}
        assert BlaxelResult.of(payload).sent_at is None
    wrongs: list[object] = [[], None, {"status_code": 200}, {"response_body": "", "status_code": "200"}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="no Blaxel result"):
            BlaxelResult.of(wrong)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"password": "a\\"b", "job": "c"}', '{"password": "[masked]", "job": "c"}'),
        (
            '{"deep": {"accessToken":"x"}, "token_count": 3}',
            '{"deep": {"accessToken":"[masked]"}, "token_count": 3}',
        ),
        ("user=me&api_key=abc&x=1", "user=me&api_key=[masked]&x=1"),
        ("plain words, a=b", "plain words, a=b"),
    ],
)
def test_credentials_in_bodies_are_left_out_of_reports(text: str, masked: str) -> None:
    assert without_credentials(text) == masked
