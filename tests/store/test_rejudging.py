"""Late truth: verdicts replaced by later ones, and diagnoses kept with deliveries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from support.deliveries import UNCONFIGURED, VALID, add, new_delivery, opened

from inspector.models import SdkVerdicts, SignatureState, Verification, VerificationStatus
from inspector.store import Store

INVALID = Verification(
    status=VerificationStatus.INVALID,
    signature=SignatureState.MISMATCH,
    timestamp=VALID.timestamp,
    scheme="blaxel",
    reason="It is of another secret: \ud800.",
    cause="mismatch",
    age_seconds=-3,
    warnings=("The time is not signed.",),
    warned=True,
    sdk=SdkVerdicts(python=False, typescript=True),
)
FOUND = {"cause": "other-secret", "causes": [{"code": "other-secret", "matched": True}], "text": "\ud800é"}


def rejudge(store: Store, *verdicts: tuple[int, Verification]) -> int:
    return asyncio.run(store.rejudge(verdicts))


def diagnose(store: Store, delivery_id: int) -> None:
    asyncio.run(store.keep_diagnosis(delivery_id, FOUND))


def test_a_new_verdict_replaces_the_whole_old_one_and_is_told_as_an_update(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(b"%d" % number) for number in range(3)])
        before = store.delivery(2)
        seen = store.doorbell.count
        assert rejudge(store, (2, INVALID)) == 1
        assert store.doorbell.wait_blocking(seen, timeout=5)
        assert store.delivery(2) == replace(before, verification=INVALID, revision=1)
        [updated] = store.changed(0).updates
        assert (updated.id, updated.status, updated.reason) == (2, INVALID.status, INVALID.reason)
        assert (updated.warned, updated.revision) == (True, 1)
    with opened(tmp_path) as store:
        assert store.delivery(2).verification == INVALID
        assert [row.status for row in store.after(0).rows] == ["unconfigured", "invalid", "unconfigured"]


def test_the_same_verdict_again_is_no_update(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(), new_delivery(), new_delivery(verification=INVALID))
        diagnose(store, 3)
        assert rejudge(store, (1, UNCONFIGURED), (2, VALID), (3, INVALID)) == 1
        assert store.position().revision == 1
        assert [row.id for row in store.changed(0).updates] == [2]
        # But what else was tried then may be wrong by now.
        assert store.diagnosis(3) is None


def test_what_is_gone_is_passed_over(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(), new_delivery(), new_delivery())
        asyncio.run(store.annotate(3, pinned=True))
        asyncio.run(store.delete(1))
        assert rejudge(store, (1, VALID), (2, VALID), (9, VALID)) == 1
        asyncio.run(store.delete_many())
        assert rejudge(store, (2, INVALID), (3, INVALID)) == 1
        assert [row.id for row in store.after(0).rows] == [3]
        assert rejudge(store) == 0


def test_very_many_at_once(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        ids = add(store, *[new_delivery() for _ in range(1203)])
        assert rejudge(store, *[(number, VALID) for number in ids]) == 1203
        assert {row.status for row in store.after(0, limit=2000).rows} == {VerificationStatus.VALID}
        assert sum(minute.not_valid for minute in store.arrivals()) == 0
        assert store.position().revision == 1203


@pytest.mark.parametrize("durable", [True, False])
def test_a_diagnosis_is_kept_with_its_delivery(tmp_path: Path, durable: bool) -> None:
    with opened(tmp_path if durable else None) as store:
        add(store, new_delivery(verification=INVALID), new_delivery(verification=INVALID))
        assert store.diagnosis(1) is None
        diagnose(store, 1)
        assert store.diagnosis(1) == FOUND
        assert store.diagnosis(2) is None
        # One later replaces it.
        asyncio.run(store.keep_diagnosis(1, {"cause": "unknown"}))
        assert store.diagnosis(1) == {"cause": "unknown"}
        # It is no change of the delivery.
        assert store.changed(0).updates == ()
        assert rejudge(store, (1, VALID)) == 1
        assert store.diagnosis(1) is None


def test_a_diagnosis_goes_with_its_delivery(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, *[new_delivery(verification=INVALID) for _ in range(3)])
        for number in (1, 2, 3, 4, 0, -1, 2**70):
            if number < 2**63:
                diagnose(store, number)
        asyncio.run(store.delete(1))
        assert store.diagnosis(1) is None
        assert store.diagnosis(2) == FOUND
        asyncio.run(store.delete_many())
        assert [store.diagnosis(number) for number in (2, 3, 4, 0, -1, 2**70)] == [None] * 6
        # A late one finds nothing that it could be kept with.
        diagnose(store, 2)
        assert store.diagnosis(2) is None
    with opened(tmp_path) as store:
        connection = store._writer._ledger.connection
        assert connection.execute("select count(*) from diagnoses").fetchone() == (0,)
