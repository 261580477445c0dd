"""Faults of the disk: never an id for what is not stored, a sentence that says why, recovery by itself."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from support.deliveries import KEEP_ALL, add, new_delivery, opened
from support.waiting import until

from inspector.errors import StorageFailed
from inspector.store import Store, disk
from inspector.store.ledger import Ledger

KIB = 1024


def add_until_full(store: Store, body: bytes, *, refused: int = 20) -> tuple[list[int], str]:
    """Add until *refused* were refused; the acknowledged ids, and the last refusal."""

    async def fill() -> tuple[list[int], str]:
        acknowledged: list[int] = []
        refusals: list[BaseException] = []
        while len(refusals) < refused:
            for result in await asyncio.gather(
                *[store.add(new_delivery(body)) for _ in range(16)], return_exceptions=True
            ):
                if isinstance(result, int):
                    acknowledged.append(result)
                else:
                    assert isinstance(result, StorageFailed)
                    refusals.append(result)
        return acknowledged, str(refusals[-1])

    return asyncio.run(fill())


def adds_again(store: Store) -> bool:
    try:
        add(store, new_delivery(b"again"))
    except StorageFailed:
        return False
    return True


def until_refused(store: Store) -> str:
    """Add until that is refused, as it must be within seconds; the refusal."""

    def refusal() -> str:
        try:
            add(store, new_delivery())
        except StorageFailed as error:
            return str(error)
        return ""

    return until(refusal, seconds=5, what="a refusal")


def limit_pages(store: Store, pages: int) -> None:
    """No more than so many pages: to SQLite that is a full disk."""

    def limit(ledger: Ledger) -> None:
        ledger.connection.execute(f"pragma max_page_count = {pages}")

    asyncio.run(store._change(limit))


def test_a_full_database_acknowledges_exactly_what_it_keeps_and_recovers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path) as store:
        limit_pages(store, 400)
        acknowledged, refusal = add_until_full(store, b"x" * 5000)
        assert acknowledged
        assert [row.id for row in store.after(0, limit=10_000).rows] == sorted(acknowledged)
        assert store.count() == len(acknowledged)
        assert "full" in refusal
        assert store.state().fault == refusal
        assert caplog.messages == [f"Deliveries cannot be stored. {refusal}"]
        # Nothing but deletions: no restart, no second connection.
        for number in acknowledged[:20]:
            asyncio.run(store.delete(number))
        assert adds_again(store)
        assert store.state().fault is None
        assert caplog.messages[-1] == "Deliveries can be stored again."
        assert len(caplog.messages) == 2


def test_a_small_one_still_fits_where_a_large_one_does_not(tmp_path: Path) -> None:
    async def add_three() -> list[int | BaseException]:
        bodies = (b"one", b"x" * 4_000_000, b"three")
        return await asyncio.gather(*[store.add(new_delivery(b)) for b in bodies], return_exceptions=True)

    with opened(tmp_path) as store:
        limit_pages(store, 400)
        first, second, third = asyncio.run(add_three())
        assert (first, third) == (1, 2)
        assert isinstance(second, StorageFailed)
        assert store.body(2) == b"three"


FILL = """if True:
    import asyncio, pathlib, resource, sys
    sys.path.insert(0, sys.argv[1])
    from support.waiting import until
    from store.test_faults import add_until_full, adds_again
    from support.deliveries import KEEP_ALL, opened
    limit, body = int(sys.argv[3]), b"x" * int(sys.argv[4])
    with opened(pathlib.Path(sys.argv[2]), retention=KEEP_ALL) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        acknowledged, refusal = add_until_full(store, body)
        assert [row.id for row in store.after(0, limit=100_000).rows] == sorted(acknowledged)
        assert all(store.body(number) == body for number in acknowledged)
        assert store.state().fault == refusal
        print(len(acknowledged))
        asyncio.run(store.delete_many())
        assert store.after(0).rows == ()
        until(lambda: adds_again(store), what="room again")
        assert store.state().fault is None
    with opened(pathlib.Path(sys.argv[2])) as store:
        assert {store.body(row.id) for row in store.after(0).rows} == {b"again"}
"""


@pytest.mark.parametrize(("limit_kib", "body_bytes"), [(4096, 1000), (12_288, 1000), (8192, 100_000)])
def test_files_that_cannot_grow(tmp_path: Path, limit_kib: int, body_bytes: int) -> None:
    tests = Path(__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", FILL, tests, tmp_path, str(limit_kib * KIB), str(body_bytes)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert int(run.stdout) * body_bytes > limit_kib * KIB / 2
    check = sqlite3.connect(tmp_path / "callbacks.db")
    assert check.execute("pragma integrity_check").fetchall() == [("ok",)]
    check.close()


def test_it_stops_before_the_disk_is_full_to_the_last_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(), new_delivery())
        monkeypatch.setattr(disk, "RESERVED_BYTES", 2**60)
        monkeypatch.setattr(disk, "RESERVED_SHARE", 0.1)
        assert re.search(r"almost full \([\d,]+ KiB free\)", until_refused(store))
        # Deleting is what the reserve is for.
        asyncio.run(store.delete(1))
        monkeypatch.undo()
        until(lambda: adds_again(store), what="room again")
        assert store.state().fault is None


def test_a_deleted_database_file_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery(b"before"))
        store.database.rename(tmp_path / "moved.db")
        assert "deleted or replaced" in str(store.state().fault)
        assert "deleted or replaced" in until_refused(store)
        with pytest.raises(StorageFailed):
            asyncio.run(store.delete(1))
        # Put back, it is the same file.
        (tmp_path / "moved.db").rename(store.database)
        until(lambda: adds_again(store), what="the file again")
        assert store.state().fault is None
        assert len(caplog.messages) == 1


def test_a_replaced_database_file_is_noticed_and_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        add(store, new_delivery())
        store.database.unlink()
        shutil.copy(__file__, store.database)
        assert "deleted or replaced" in until_refused(store)
    assert (tmp_path / "callbacks.db").read_bytes() == Path(__file__).read_bytes()


def test_an_idle_store_notices_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(tmp_path) as store:
        store.database.unlink()
        until(lambda: caplog.messages, what="the message")
        assert "deleted or replaced" in caplog.messages[0]


def test_a_database_that_stays_locked_is_said_and_costs_one_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add_many() -> list[int | BaseException]:
        return await asyncio.gather(*[store.add(new_delivery()) for _ in range(50)], return_exceptions=True)

    def be_impatient(ledger: Ledger) -> None:
        ledger.connection.execute("pragma busy_timeout = 200")

    with opened(tmp_path, retention=KEEP_ALL) as store:
        other = sqlite3.connect(store.database, isolation_level=None)
        asyncio.run(store._change(be_impatient))
        other.execute("begin immediate")
        results = asyncio.run(asyncio.wait_for(add_many(), 8))
        other.execute("rollback")
        other.close()
        assert {str(result) for result in results} == {"Another program has locked the database: close it."}
        assert store.count() == 0
        assert adds_again(store)
        assert store.state().fault is None


class Interruption:
    """What SQLite asks every few steps whether to go on: it says no once, or as long as *always* is set."""

    def __init__(self) -> None:
        self.steps_left = 0
        self.always = False

    def __call__(self) -> int:
        self.steps_left -= 1
        return int(self.always or self.steps_left == 0)

    def install(self, ledger: Ledger) -> None:
        ledger.connection.set_progress_handler(self, 3)


def test_whatever_step_of_a_commit_fails_nothing_is_lost_or_stuck(tmp_path: Path) -> None:
    acknowledged: dict[int, bytes] = {}
    interruption = Interruption()
    with opened(tmp_path) as store:
        asyncio.run(store._change(interruption.install))
        for steps in range(1, 200):
            body = b"%d " % steps * 1000
            interruption.steps_left = steps
            [number] = add(store, new_delivery(body, message_id="m"))
            acknowledged[number] = body
        kept = [row.id for row in store.after(0, limit=1000).rows]
        assert store.count() == store.activity()["root"].deliveries == len(kept)
        assert store.position().cursor == number
        # One that failed after it had been written stays, as one that nobody was told of.
        assert len(acknowledged) == 199 <= len(kept) < 210
        assert all(store.body(number) == body for number, body in acknowledged.items())


def test_what_fails_every_time_is_refused(tmp_path: Path) -> None:
    interruption = Interruption()
    with opened(tmp_path) as store:
        asyncio.run(store._change(interruption.install))
        interruption.always = True
        with pytest.raises(StorageFailed, match="interrupted"):
            add(store, new_delivery())
        interruption.always = False
        assert add(store, new_delivery()) == [1]
