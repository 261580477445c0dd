"""Waiting finds what was there before and what comes later, in time, in order, and without a race."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from support.senders import doing, post, post_json, post_signed
from support.waiting import until

from inspector.client import Client, Json
from inspector.testing import CallbackTimeout, Endpoint, Inspector, Match, UnexpectedCallback
from inspector.testing.log import Log


def test_what_came_before_the_wait_is_found(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    began = time.monotonic()
    assert endpoint.wait_for(json={"job": 1}, timeout=30).json() == {"job": 1}
    assert time.monotonic() - began < 10


def test_what_comes_during_the_wait_ends_it(endpoint: Endpoint) -> None:
    waiting = threading.Event()
    with doing(lambda: (waiting.wait(), post_json(endpoint, {"job": 1}))):
        waiting.set()
        assert endpoint.wait_for(json={"job": 1}, timeout=30).attempt == 1


def test_a_wait_looks_past_what_is_not_meant(endpoint: Endpoint) -> None:
    for number in range(120):  # more than one answer of the server holds
        post_json(endpoint, {"job": number})
    assert endpoint.wait_for(json={"job": 119}).json() == {"job": 119}
    assert endpoint.wait_for("json.job:7").json() == {"job": 7}
    assert len(endpoint.deliveries) == 120


def test_the_newest_is_not_the_only_one_to_be_had(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": "B"})
    post_json(endpoint, {"job": "A"})
    first = endpoint.wait_for()
    assert first.json() == {"job": "B"}
    assert endpoint.wait_for(after=first).json() == {"job": "A"}
    assert endpoint.wait_for(after=first.id).json() == {"job": "A"}


@pytest.mark.parametrize("timeout", [0.3, timedelta(milliseconds=300), "0.3s", "300ms"])
def test_the_timeout_is_kept_in_every_way_to_write_it(endpoint: Endpoint, timeout: float) -> None:
    began = time.monotonic()
    with pytest.raises(CallbackTimeout, match=r"within 0\.3 s") as caught:
        endpoint.wait_for(timeout=timeout)
    assert 0.3 <= time.monotonic() - began < 20
    assert isinstance(caught.value, AssertionError)
    assert isinstance(caught.value, TimeoutError)


def test_several_are_waited_for_in_the_order_they_come(endpoint: Endpoint) -> None:
    with doing(lambda: [post_json(endpoint, {"job": number}) for number in range(5)]):
        found = endpoint.wait_for_all(3, Match(json={"job": lambda job: job % 2 == 0}))
    assert [each.json()["job"] for each in found] == [0, 2, 4]


def test_too_few_say_how_many_there_were(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    with pytest.raises(CallbackTimeout, match="1 of 2 callbacks matched within") as caught:
        endpoint.wait_for_all(2, json={"job": 1}, timeout=0.1)
    assert [each.json() for each in caught.value.received] == [{"job": 1}]


def test_exactly_bears_no_further_one(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    assert len(endpoint.wait_for_all(1, exactly=True, settle="50ms")) == 1
    post_json(endpoint, {"job": 2})
    assert len(endpoint.wait_for_all(1)) == 1
    with pytest.raises(UnexpectedCallback, match="2 callbacks matched where exactly 1 was wanted"):
        endpoint.wait_for_all(1, exactly=True)
    assert len(endpoint.wait_for_all(1, json={"job": 2}, exactly=True, settle=0)) == 1


def test_exactly_waits_for_the_one_too_many(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    late = threading.Timer(0.1, lambda: post_json(endpoint, {"job": 2}))
    late.start()
    with pytest.raises(UnexpectedCallback):
        endpoint.wait_for_all(1, exactly=True, settle=30)
    late.join()


def test_nothing_is_expected_and_nothing_comes(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": 1})
    began = time.monotonic()
    endpoint.expect_none(json={"job": 2}, within=0.2)
    assert time.monotonic() - began >= 0.2


def test_what_must_not_come_fails_at_once(endpoint: Endpoint) -> None:
    late = threading.Timer(0.1, lambda: post_json(endpoint, {"job": 2}))
    late.start()
    began = time.monotonic()
    with pytest.raises(UnexpectedCallback, match="was not to come"):
        endpoint.expect_none(json={"job": 2}, within=60)
    assert time.monotonic() - began < 30
    late.join()


def test_a_capture_takes_only_what_its_block_caused(endpoint: Endpoint) -> None:
    post_json(endpoint, {"job": "before"})
    with endpoint.capture(2) as captured:
        post_json(endpoint, {"job": 1})
        post_json(endpoint, {"job": 2})
    assert [each.json()["job"] for each in captured.deliveries] == [1, 2]
    assert captured.delivery.json() == {"job": 1}
    with pytest.raises(CallbackTimeout), endpoint.capture(timeout=0.1):
        pass
    with pytest.raises(ZeroDivisionError), endpoint.capture(timeout=60):
        raise ZeroDivisionError


def test_what_came_by_now_is_asserted_without_waiting(endpoint: Endpoint) -> None:
    with pytest.raises(AssertionError, match="No callback matched"):
        endpoint.assert_received()
    endpoint.assert_received(count=0)
    for _ in range(2):
        post_json(endpoint, {"job": 1})
    assert len(endpoint.assert_received(json={"job": 1})) == 2
    assert len(endpoint.assert_received(count=2)) == 2
    endpoint.assert_received(json={"job": 2}, count=0)
    with pytest.raises(UnexpectedCallback, match="2 callbacks matched where none was wanted"):
        endpoint.assert_received(count=0)
    with pytest.raises(UnexpectedCallback, match="2 callbacks matched where exactly 1 was wanted"):
        endpoint.assert_received(count=1)
    with pytest.raises(AssertionError, match="2 of 3 callbacks matched"):
        endpoint.assert_received(count=3)


def test_the_order_of_arrival_is_asserted(endpoint: Endpoint) -> None:
    for step in ("begun", "half", "done"):
        post_json(endpoint, {"step": step})
    found = endpoint.assert_order("json.step:begun", Match(json={"step": "done"}))
    assert [each.json()["step"] for each in found] == ["begun", "done"]
    with pytest.raises(AssertionError, match="did not come in the order wanted"):
        endpoint.assert_order("json.step:done", "json.step:begun")
    with pytest.raises(AssertionError):  # one callback is not two
        endpoint.assert_order("json.step:done", "json.step:done")


def test_all_have_to_be_verified(endpoint: Endpoint) -> None:
    post_signed(endpoint, {"job": 1})
    assert len(endpoint.assert_all_verified()) == 1
    post_signed(endpoint, {"job": 2}, secret="another")
    post_json(endpoint, {"job": 3})
    with pytest.raises(UnexpectedCallback, match="2 of 3 callbacks are not verified"):
        endpoint.assert_all_verified()


def test_no_message_may_come_twice(endpoint: Endpoint) -> None:
    for number in (1, 2):
        post_json(endpoint, {"job": number})
    assert len(endpoint.assert_no_duplicates()) == 2
    post_json(endpoint, {"job": 1})
    with pytest.raises(UnexpectedCallback, match="A message came more than once"):
        endpoint.assert_no_duplicates()


def test_a_strict_endpoint_takes_only_what_is_verified(inspector: Inspector) -> None:
    strict = inspector.endpoint("strict", strict=True)
    post_signed(strict, {"job": 1}, secret="another")
    with pytest.raises(UnexpectedCallback, match="matched and is not verified"):
        strict.wait_for(json={"job": 1}, timeout=60)
    assert not strict.wait_for(json={"job": 1}, verified=False).verification
    post_signed(strict, {"job": 2})
    assert strict.wait_for(json={"job": 2}).verification


def test_a_strict_path_takes_only_what_comes_to_the_url_itself(inspector: Inspector) -> None:
    endpoint = inspector.endpoint("here", strict_path=True)
    post_json(endpoint, {"job": 1}, beyond="/below")
    endpoint.expect_none(within=0.05)
    endpoint.assert_received(count=0)
    with pytest.raises(CallbackTimeout, match=r'path +wanted "/" +got "/below"'):
        endpoint.wait_for(timeout=0.05)
    with pytest.raises(AssertionError, match="did not come in the order wanted"):
        endpoint.assert_order("json.job:1")
    for beyond in ("", "/", "?page=2"):
        post_json(endpoint, {"job": 2}, beyond=beyond)
    assert [each.json()["job"] for each in endpoint.wait_for_all(3, exactly=True, settle="20ms")] == [2, 2, 2]
    assert len(endpoint.deliveries) == 4


def test_a_body_that_is_not_in_the_list_is_fetched(endpoint: Endpoint) -> None:
    body = bytes(range(256)) * 8192
    post(endpoint, body, headers=[("Content-Type", "application/octet-stream")])
    assert endpoint.wait_for(body=body).body == body


def test_what_was_read_before_is_read_again_when_it_has_changed(inspector: Inspector) -> None:
    endpoint = inspector.endpoint(secret="first")
    post_signed(endpoint, {"job": 1}, secret="second")
    assert not endpoint.wait_for(json={"job": 1}).verification
    client = Client(inspector.inspector_url)
    client.send("POST", f"/api/endpoints/{endpoint.id}/secrets", {"secret": "second"})
    assert endpoint.wait_for(json={"job": 1}, verified=True, timeout=30).verification.secret == "key-2"


@pytest.mark.parametrize(
    "verified",
    [Match(verified=True), Match("verified:yes"), Match(verified="valid"), Match("-status:invalid")],
)
def test_a_verdict_that_changes_ends_the_wait(inspector: Inspector, verified: Match) -> None:
    endpoint = inspector.endpoint(secret="first")
    post_signed(endpoint, {"job": 0})
    post_signed(endpoint, {"job": 1}, secret="second")
    client = Client(inspector.inspector_url)

    def meanwhile() -> None:
        post_signed(endpoint, {"job": 2})
        client.send("POST", f"/api/endpoints/{endpoint.id}/secrets", {"secret": "second"})
        post_signed(endpoint, {"job": 3})

    with doing(meanwhile):
        found = endpoint.wait_for_all(
            2, verified & Match(json={"job": lambda job: job in (1, 3)}), timeout=30
        )
    assert [each.json()["job"] for each in found] == [1, 3]
    endpoint.expect_none(json={"job": 2}, verified=False, within=0.05)


def test_what_must_not_come_to_be_verified_fails_at_once(inspector: Inspector) -> None:
    endpoint = inspector.endpoint(secret="first")
    post_signed(endpoint, {"job": 1}, secret="second")
    client = Client(inspector.inspector_url)
    adding = threading.Timer(
        0.05,
        lambda: client.send("POST", f"/api/endpoints/{endpoint.id}/secrets", {"secret": "second"}),
    )
    adding.start()
    with pytest.raises(UnexpectedCallback):
        endpoint.expect_none(verified=True, within=30)
    adding.join()


def test_what_became_of_a_held_reply_is_read_anew(endpoint: Endpoint) -> None:
    with endpoint.hold() as gate, doing(lambda: post(endpoint)):
        assert not endpoint.wait_for().replied
        gate.release()
    until(lambda: endpoint.wait_for().replied, what="the reply")


def test_what_is_deleted_while_it_is_read_does_not_hide_the_rest(
    inspector: Inspector, endpoint: Endpoint
) -> None:
    for number in range(3):
        post_json(endpoint, {"job": number})
    client = _Deleting(inspector.inspector_url, endpoint.deliveries[1].id)
    log = Log(client, inspector.url, endpoint.id)
    assert [each.json()["job"] for each in log.after(0)] == [0, 2]


class _Deleting(Client):
    """A client at whose first wait another deletes a delivery."""

    def __init__(self, url: str, delivery_id: int) -> None:
        super().__init__(url)
        self._deleted = False
        self._delivery_id = delivery_id

    def wait(self, *, timeout: float, **query: object) -> Json:
        if not self._deleted:
            self._deleted = True
            self.send("DELETE", f"/api/deliveries/{self._delivery_id}")
        return super().wait(timeout=timeout, **query)


def test_clearing_makes_an_endpoint_as_new(endpoint: Endpoint) -> None:
    endpoint.reply(500)
    assert post_json(endpoint, {"job": 1}).status == 500
    endpoint.verify_replies("reject")
    endpoint.clear()
    assert endpoint.deliveries == []
    endpoint.expect_none(within=0.05)
    assert post_json(endpoint, {"job": 1}).status == 200
    assert endpoint.wait_for().json() == {"job": 1}


def test_endpoints_of_one_server_do_not_mix(inspector: Inspector) -> None:
    one, other = inspector.endpoint(), inspector.endpoint()
    post_json(one, {"job": 1})
    post_json(other, {"job": 2})
    assert [each.json()["job"] for each in one.deliveries] == [1]
    assert [each.json()["job"] for each in other.deliveries] == [2]
    assert {1, 2} <= {
        each.json()["job"] for each in inspector.deliveries if each.endpoint_path in (one.path, other.path)
    }
