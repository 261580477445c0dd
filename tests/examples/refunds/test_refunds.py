import pytest
from agent import refund

from inspector.testing import Match


def test_the_refund_is_reported(callbacks):
    refund("A-17", callbacks.url, callbacks.secret)
    assert callbacks.wait_for(verified=True).result.response == {"refunded": "A-17"}


def test_the_report_is_sent_again_until_it_is_taken(callbacks):
    callbacks.reply_sequence(503, 503, 200)
    refund("A-17", callbacks.url, callbacks.secret)
    first, _, third = callbacks.wait_for_all(3, exactly=True)
    assert third.attempt == 3
    assert first.diff(third, ignore_volatile=True).same


def test_the_report_does_not_hold_up_the_caller(callbacks):
    with callbacks.hold() as gate:
        working = refund("A-17", callbacks.url, callbacks.secret)
        callbacks.wait_for(json={"response_body": {"refunded": "A-17"}})
        assert working.is_alive()
        gate.release()
        working.join()


def test_two_reports_do_not_get_mixed_up(callbacks, make_callbacks):
    other = make_callbacks("other")
    with callbacks.capture() as mine, other.capture() as theirs:
        refund("A-17", callbacks.url, callbacks.secret)
        refund("B-18", other.url, other.secret)
    assert mine.delivery.result.response == {"refunded": "A-17"}
    assert theirs.delivery.result.response == {"refunded": "B-18"}


def test_a_refund_that_fails_is_reported_too(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "fails")
    failed = callbacks.wait_for(
        Match("json.status_code:500") & ~Match(json={"response_body": {"refunded": str}})
    )
    assert failed.result.response["error"] == "no such order"
    callbacks.assert_received(count=1)


@pytest.mark.callbacks(secret="a-secret-of-our-own", strict=True, expect_all=True)
def test_only_verified_reports_count(callbacks):
    refund("A-17", callbacks.url, "a-secret-of-our-own")
    callbacks.wait_for(path="/", method="POST", header={"Content-Type": "application/json"})
    callbacks.assert_all_verified()
    callbacks.assert_no_duplicates()
