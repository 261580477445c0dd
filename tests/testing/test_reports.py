"""What a failed assertion says, word for word: what was wanted, what came, and why that is not it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from support.senders import JSON, post, post_json, post_signed

from inspector.testing import CallbackError, Endpoint, Inspector, Match, start

SECONDS = re.compile(r"[+-]\d+\.\d\d s")


def report(endpoint: Endpoint, call: Callable[[], object]) -> str:
    """What *call* fails with, without what differs each time."""
    with pytest.raises(CallbackError) as caught:
        call()
    text = str(caught.value)
    assert text.isascii()
    assert len(text.splitlines()) < 40
    assert len(text) < 4096
    assert all(line.isprintable() for line in text.splitlines())
    page = endpoint.inspector_url.partition("?")[0]
    for number, delivery in enumerate(endpoint.deliveries, 1):
        text = re.sub(rf"(#|deliveries/){delivery.id}\b", rf"\g<1>{number}", text)
    text = text.replace(endpoint.inspector_url, "PAGE").replace(endpoint.url, "URL").replace(page, "PAGE/")
    return SECONDS.sub("+0.00 s", text)


def test_near_misses_say_what_they_lack(endpoint: Endpoint) -> None:
    post_json(endpoint, {"status_code": 500, "items": [1]}, method="PUT")
    post_json(endpoint, {"status_code": 500, "items": [1, 2]})
    text = report(
        endpoint,
        lambda: endpoint.wait_for(
            method="POST", json={"status_code": 200, "items": [1, 2]}, header={"X-Run": "7"}, timeout=0.05
        ),
    )
    assert text == (
        "No callback matched within 0.05 s at URL\n"
        '  wanted      method "POST", json {"status_code": 200, "items": [1, 2]}, header.X-Run "7"\n'
        "  received    2 (0 matched)\n"
        "  nearest     #2 POST / at +0.00 s: 4 of 6 conditions hold\n"
        "                json.status_code   wanted 200   got 500\n"
        '                header.X-Run       wanted "7"   got absent\n'
        "                holds              method, json.items, json.items.0, json.items.1\n"
        "  also        #1 PUT / at +0.00 s: 1 of 6 conditions hold\n"
        '                method             wanted "POST"       got "PUT"\n'
        "                json.status_code   wanted 200          got 500\n"
        "                json.items         wanted 2 elements   got 1 element\n"
        "                json.items.1       wanted 2            got absent\n"
        '                header.X-Run       wanted "7"          got absent\n'
        "                holds              json.items.0\n"
        "  open        PAGE/deliveries/2"
    )


def test_a_signature_that_alone_stands_in_the_way_comes_first(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    post_signed(endpoint, {"job": 2})
    for call in (
        lambda: endpoint.wait_for(json={"job": 1}, verified=True, timeout=0.05),
        lambda: endpoint.wait_for("json.job:1 status:valid", timeout=0.05),
    ):
        lines = report(endpoint, call).splitlines()
        assert lines[3] == "  nearest     #1 POST / at +0.00 s: everything matches except the signature"
        assert lines[4].startswith("                missing: ")
        assert "  also        #2 POST / at +0.00 s: 1 of 2 conditions hold" in lines


def test_nothing_came_but_elsewhere(inspector: Inspector, endpoint: Endpoint) -> None:
    other = inspector.endpoint("other")
    post(other)
    post(endpoint, method="GET")
    deaf = inspector.endpoint("deaf")
    for _ in range(2):
        post(other, beyond="/wrong")
    text = report(deaf, lambda: deaf.wait_for(timeout=0.05))
    assert text.replace(other.path, "/OTHER") == (
        "No callback came within 0.05 s at URL\n"
        "  wanted      any callback\n"
        "  received    nothing\n"
        "  elsewhere   2 x POST /OTHER/wrong, caught by the endpoint /OTHER\n"
        "  check       that the code under test was given the URL above and really calls it\n"
        "              that it does not run in a container, where localhost is the container itself\n"
        "  open        PAGE"
    )


def test_late_callbacks_of_an_earlier_test_are_told_apart(inspector: Inspector) -> None:
    earlier = inspector.endpoint("test_earlier")
    earlier.send()
    earlier.close("its test is over")
    now = inspector.endpoint("test_now")
    post(earlier, b"late")
    text = report(now, lambda: now.wait_for(timeout=0.05))
    assert re.search(r"^  late        #\d+ POST came to test_earlier after its end$", text, re.MULTILINE)
    assert "elsewhere" not in text


def test_a_callback_that_was_not_to_come(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    text = report(endpoint, lambda: endpoint.expect_none(method="POST"))
    assert text.splitlines()[:4] == [
        "A callback came that was not to come at URL",
        '  unwanted    method "POST"',
        "  came        #1 POST / at +0.00 s",
        '              body {"job": 1}',
    ]


def test_an_unwanted_body_is_told_without_its_credentials(endpoint: Endpoint) -> None:
    post(endpoint, b'{\n  "access_token": "very-private",\n  "job": 1\n}', headers=JSON)
    text = report(endpoint, endpoint.expect_none)
    assert "very-private" not in text
    assert '"job": 1' in text


def test_one_too_many(endpoint: Endpoint) -> None:
    for job in (1, 2):
        post_json(endpoint, {"job": job})
    assert report(endpoint, lambda: endpoint.assert_received(count=1)) == (
        "2 callbacks matched where exactly 1 was wanted at URL\n"
        "  wanted      any callback\n"
        "  matched     #1 POST / at +0.00 s  missing\n"
        "              #2 POST / at +0.00 s  missing\n"
        "  open        PAGE/deliveries/2"
    )


def test_too_few_show_those_that_came(endpoint: Endpoint) -> None:
    for job in (1, 2):
        post_json(endpoint, {"job": job})
    assert report(endpoint, lambda: endpoint.wait_for_all(2, json={"job": 2}, timeout=0.05)) == (
        "1 of 2 callbacks matched within 0.05 s at URL\n"
        '  wanted      json {"job": 2}\n'
        "  received    2 (1 matched)\n"
        "  matched     #2 POST / at +0.00 s  missing\n"
        "  nearest     #1 POST / at +0.00 s: 0 of 1 condition holds\n"
        "                json.job   wanted 2   got 1\n"
        "  open        PAGE/deliveries/1"
    )


def test_not_all_verified(endpoint: Endpoint) -> None:
    post_signed(endpoint, {"job": 1})
    post_json(endpoint, {"job": 2})
    lines = report(endpoint, endpoint.assert_all_verified).splitlines()
    assert lines[:2] == [
        "1 of 2 callbacks is not verified at URL",
        "  unverified  #2 POST / at +0.00 s",
    ]
    assert lines[-1] == "  open        PAGE/deliveries/2"


def test_a_failure_shows_the_call_and_nothing_of_how_we_asked(endpoint: Endpoint) -> None:
    for call in (
        lambda: endpoint.wait_for(timeout=0.01),
        lambda: endpoint.wait_for_all(2, timeout=0.01),
        lambda: endpoint.assert_received(),
        lambda: endpoint.assert_order("verified:yes"),
    ):
        with pytest.raises(CallbackError) as caught:
            call()
        assert len(caught.traceback) == 3  # here, in the lambda, and the one that tells


def test_the_end_of_a_block_fails_in_the_test(endpoint: Endpoint) -> None:
    """What stands below the test's own line is hidden from its reader."""
    with pytest.raises(CallbackError) as caught, endpoint.capture(timeout=0.05):
        pass
    hidden = [frame.frame.f_locals.get("__tracebackhide__", False) for frame in caught.traceback[1:]]
    assert hidden
    assert all(hidden)


def test_out_of_order(endpoint: Endpoint) -> None:
    for step in ("done", "begun"):
        post_json(endpoint, {"step": step})
    text = report(
        endpoint, lambda: endpoint.assert_order("json.step:begun", "json.step:done", "json.step:end")
    )
    assert text == (
        "The callbacks did not come in the order wanted at URL\n"
        "  wanted      1. json.step:begun: is #2\n"
        "              2. json.step:done: missing after that\n"
        "              3. json.step:end: not looked for\n"
        "  early       #1 POST / at +0.00 s  missing\n"
        "  received    #1 POST / at +0.00 s  missing\n"
        "              #2 POST / at +0.00 s  missing\n"
        "  open        PAGE"
    )


def test_the_same_message_twice(endpoint: Endpoint) -> None:
    for _ in range(2):
        post_json(endpoint, {"job": 1})
    assert report(endpoint, endpoint.assert_no_duplicates) == (
        "A message came more than once at URL\n"
        "  repeated    #2 POST / at +0.00 s: attempt 2, first as #1\n"
        "  open        PAGE/deliveries/2"
    )


def test_hostile_text_does_nothing_to_a_terminal(endpoint: Endpoint) -> None:
    hostile = "\x1b[31m\u202e\x07\r\nred\x7f\ud800".encode("utf-8", "surrogatepass")
    post(endpoint, b'{"a": "\x1b[31m\xe2\x80\xae", "\x1b]0;x": 1}', headers=JSON)
    post(endpoint, hostile, beyond="/%1b%07?x=\xff", headers=[("X-Run", "\x80\xff")])
    for call in (
        lambda: endpoint.wait_for(json={"a": 1}, header={"X-Run": "7"}, body=b"x", path="/x", timeout=0.05),
        lambda: endpoint.wait_for(json_equal={}, timeout=0.05),
        lambda: endpoint.wait_for("x-none \x1b[31m json.a:\u202e", timeout=0.05),
        lambda: endpoint.wait_for(Match(body="red") | Match(json={"\x1b": "\x1b"}), timeout=0.05),
        lambda: endpoint.wait_for(lambda each: each.headers["\x1b[31m\u202e"], timeout=0.05),
        lambda: endpoint.expect_none(),
        endpoint.assert_all_verified,
    ):
        report(endpoint, call)


def test_a_big_body_is_told_by_size_and_digest(endpoint: Endpoint) -> None:
    post(endpoint, bytes(range(256)) * 40_960)
    text = report(endpoint, lambda: endpoint.assert_received(body=b""))
    assert "wanted nothing (0 bytes)   got 10,485,760 bytes, sha256 aecf3c2ab8aca748..., beginning" in text


def test_bodies_that_take_long_to_diagnose_do_not_stretch_the_timeout(endpoint: Endpoint) -> None:
    signed = [*endpoint.sign(b"another").items()]
    for size in (6, 5, 4):
        post(endpoint, bytes(size * 1_000_000), headers=signed)
    text = report(endpoint, lambda: endpoint.wait_for(verified=True, timeout=0.05))
    assert text.count("everything matches except the signature\n                invalid: ") == 3
    assert "that was tried" not in text


def test_many_callbacks_and_conditions_stay_short(endpoint: Endpoint) -> None:
    wide = {f"key-{number}": number for number in range(300)}
    for number in range(30):
        post_json(endpoint, {"number": number, **wide})
    other = {f"key-{number}": -1 for number in range(300)}
    text = report(endpoint, lambda: endpoint.wait_for(json=other, timeout=0.05))
    assert "more that do not hold" in text
    report(endpoint, lambda: endpoint.wait_for_all(1, exactly=True, settle="50ms"))
    report(endpoint, lambda: endpoint.assert_received(count=1))
    report(endpoint, endpoint.assert_all_verified)
    report(endpoint, lambda: endpoint.assert_order("json.number:3", "json.number:2"))


def test_the_facts_are_on_the_error_too(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    with pytest.raises(CallbackError) as caught:
        endpoint.wait_for(json={"job": 1}, verified=True, timeout=0.05)
    error = caught.value
    assert error.expected == 'json {"job": 1}, verified'
    assert [each.json() for each in error.received] == [{"job": 1}]
    assert [each.held for each in error.nearest] == [1]
    assert error.unverified == error.received


def test_what_is_no_http_is_told_too() -> None:
    with start() as inspector:
        endpoint = inspector.endpoint()
        port = urlsplit(inspector.url).port
        assert port is not None
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 40)
            connection.recv(1024)
        text = report(endpoint, lambda: endpoint.wait_for(timeout=0.3))
    assert re.search(r"^  no HTTP     .*TLS", text, re.MULTILINE), text
