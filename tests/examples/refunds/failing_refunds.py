from agent import refund

from inspector.testing import Match


def test_failed(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "fails").join()
    callbacks.wait_for(json={"status_code": 200}, method="POST", verified=True, timeout="200ms")


def test_badly_signed(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "bad secret").join()
    callbacks.wait_for(json={"status_code": 200}, verified=True, timeout="200ms")


def test_never(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "never").join()
    callbacks.wait_for(timeout="200ms")


late = []


def test_late(callbacks):
    late.append(refund("A-17", callbacks.url, callbacks.secret, "late"))
    callbacks.wait_for(timeout="200ms")


def test_nothing_here_but_late_ones(callbacks):
    for each in late:
        each.join()
    callbacks.wait_for(timeout="100ms")


def test_twice(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "twice").join()
    callbacks.assert_no_duplicates()


def test_one_too_many(callbacks):
    refund("A-17", callbacks.url, callbacks.secret, "twice").join()
    callbacks.wait_for_all(1, exactly=True)


def test_out_of_order(callbacks):
    refund("B-18", callbacks.url, callbacks.secret).join()
    refund("A-17", callbacks.url, callbacks.secret).join()
    callbacks.assert_order("refunded A-17", "refunded B-18")


def test_unwanted(callbacks):
    refund("A-17", callbacks.url, callbacks.secret).join()
    callbacks.expect_none(Match(json={"status_code": 200}) | Match(json={"status_code": 500}))


def test_own_rule(callbacks):
    refund("A-17", callbacks.url, callbacks.secret).join()
    callbacks.wait_for(lambda delivery: delivery.json()["amount"] > 0, timeout="200ms")
