"""The writer: the one thread that changes the database, and everyone who waits for it.

It commits whatever gathered while the last commit ran (group commit), so one fsync serves many senders, and
nobody waits for a batch to fill. When a batch has been committed, all who wait for it are told at once, and
then the doorbell rings.

An event loop's thread and this one need Python's lock in turns, and each change of hands costs time. So they
speak to each other once in a turn of the loop: with all that it brought, and with all that became of a batch.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

from inspector.errors import InspectorError, StorageFailed
from inspector.store.disk import DatabaseFile
from inspector.store.doorbell import Doorbell, running_loop
from inspector.store.faults import DISK_FULL, is_locked, is_out_of_space, sentence
from inspector.store.jobs import Change, Insert, Job, Outcome, succeeded
from inspector.store.ledger import Ledger
from inspector.store.upkeep import Upkeep

BATCH_JOBS = 256
BATCH_BYTES = 4 * 1024 * 1024
"""Bounds of one batch, unless the limits call for smaller ones; a single delivery may be larger."""

PAUSE_SECONDS = 0.02
"""The writer counts as idle when nothing came for so long; it then does a slice of upkeep."""

TICK_SECONDS = 2.0
"""How often an idle writer looks whether something has grown too old."""

LOOK_SECONDS = 0.5
"""For so long what was seen of file and disk is taken to be still so."""

FAREWELL_SECONDS = 0.25
"""So much time a closing writer takes to delete what was cleared; the rest is for the next start."""

logger = logging.getLogger("inspector.store")


class Writer:
    """The writing thread. It starts at once and ends with ``close``."""

    def __init__(self, ledger: Ledger, upkeep: Upkeep, file: DatabaseFile, doorbell: Doorbell) -> None:
        self._ledger = ledger
        self._log = ledger.log
        self._upkeep = upkeep
        self._file = file
        self._doorbell = doorbell
        self._waiting: deque[Job] = deque()
        self._alarm: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._in_turn: set[asyncio.AbstractEventLoop] = set()
        self._idle = False
        self._gate = threading.Lock()
        self._closed = False
        self._batch_jobs, self._batch_bytes = upkeep.batch_bounds(BATCH_JOBS, BATCH_BYTES)
        self._look_again_at = 0.0
        self._missing: str | None = None
        self._crowded: str | None = None
        self._fault: str | None = None
        # A daemon, so that a program that forgets to close the store still ends. What was awaited is on disk.
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """Why deliveries cannot be stored at present, in one sentence, else None."""
        return self._missing or self._fault

    def post(self, job: Job) -> None:
        """Hand in *job*. Does not wait. Raises StorageFailed when the writer is closed."""
        loop = running_loop()
        # The gate keeps a job from slipping in behind the end, where nobody would ever look at it.
        with self._gate:
            if self._closed:
                raise StorageFailed("The store is closed.")
            self._waiting.append(job)
            if self._idle:
                self._wake(loop)

    def close(self) -> None:
        """Write what was handed in, empty the log into the database, and end the thread."""
        with self._gate:
            self._closed = True
            self._alarm.put(None)
        self._thread.join()

    def _wake(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Give the alarm, from an event loop at the end of its turn.

        Woken by the first job of a turn, the writer would contend with the loop for Python's lock while the
        others come in: with 64 connections a fifth of all processor time went there. Should the loop end
        before its turn does, the writer still finds the job at its next tick.
        """
        if loop is None:
            self._alarm.put(None)
        elif loop not in self._in_turn:
            self._in_turn.add(loop)
            loop.call_soon(self._end_turn, loop)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._in_turn.discard(loop)
        self._alarm.put(None)

    # Everything below runs in the writer's thread, but for ``_tell``.

    def _run(self) -> None:
        wait_seconds = 0.0
        try:
            while (batch := self._gather(wait_seconds)) is not None:
                self._look_around()
                if batch:
                    self._write(batch)
                    wait_seconds = PAUSE_SECONDS
                else:
                    wait_seconds = 0.0 if not self._missing and self._rest() else TICK_SECONDS
        finally:
            self._finish()

    def _gather(self, wait_seconds: float) -> list[Job] | None:
        """What waits, within the bounds; empty when nothing came in time, None when it is time to end."""
        while not self._alarm.empty():
            self._alarm.get_nowait()
        self._idle = True  # from now on whoever hands in a job gives the alarm; only now look for some
        while True:
            closed = self._closed  # looked at first: after that nothing more comes
            if self._waiting:
                break
            if closed:
                return None
            try:
                self._alarm.get(wait_seconds > 0, wait_seconds)
            except queue.Empty:
                return []
        self._idle = False
        batch: list[Job] = []
        size_bytes = 0
        while self._waiting and len(batch) < self._batch_jobs:
            size_bytes += self._waiting[0].size_bytes
            if batch and size_bytes > self._batch_bytes:
                break
            batch.append(self._waiting.popleft())
        return batch

    def _write(self, batch: Sequence[Job]) -> None:
        """Write *batch* as far as that is possible, and tell everyone what became of it."""
        outcomes: list[Outcome] = []
        accepted = self._accept(batch, outcomes)
        try:
            inserts = [job for job in accepted if isinstance(job, Insert)]
            if inserts:
                self._upkeep.make_room(len(inserts), sum(job.size_bytes for job in inserts))
        except sqlite3.Error as error:
            self._complain(sentence(error))
        if accepted:
            outcomes += self._store(accepted)
        try:
            if any(isinstance(job, Change) and job.purges for job in accepted):
                self._upkeep.purge()
        except sqlite3.Error as error:
            self._complain(sentence(error))
        self._judge(outcomes)
        self._announce(outcomes)
        try:
            self._upkeep.after_batch()
        except sqlite3.Error as error:
            self._complain(sentence(error))

    def _accept(self, batch: Sequence[Job], outcomes: list[Outcome]) -> list[Job]:
        """The jobs for which there is room; the others get their outcome at once."""
        accepted = []
        full = self._full() if any(job.adds for job in batch) else None
        for job in batch:
            refusal = self._missing
            if not refusal and job.adds:
                refusal = full
            if not refusal and isinstance(job, Insert):
                refusal = self._upkeep.no_room(job.size_bytes)
            if refusal:
                outcomes.append((job, StorageFailed(refusal)))
            else:
                accepted.append(job)
        return accepted

    def _store(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Do *jobs* in one transaction; should it fail, each in its own."""
        try:
            return self._commit(jobs)
        except sqlite3.Error as error:
            if is_locked(error):
                # No job's fault, and waited out already.
                return [(job, StorageFailed(sentence(error))) for job in jobs]
            if is_out_of_space(error):
                with suppress(sqlite3.Error):
                    self._log.relieve()
        # Whatever else can go wrong with one job must not take its neighbours, or this thread, with it.
        except Exception:
            logger.exception("A batch could not be written; its %d jobs are tried one by one.", len(jobs))
        return [outcome for job in jobs for outcome in self._store_alone(job)]

    def _store_alone(self, job: Job) -> list[Outcome]:
        """Give a job of a failed batch a transaction of its own."""
        if isinstance(job, Insert) and self._log.stuck:
            # What room the log has left is for deletions.
            return [(job, StorageFailed(DISK_FULL))]
        try:
            return self._commit([job])
        except sqlite3.Error as error:
            return [(job, StorageFailed(sentence(error)))]
        except Exception as error:  # as above
            logger.exception("It could not be written alone either.")
            return [(job, StorageFailed(f"It cannot be stored ({error})."))]

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Do *jobs* in their order, in one transaction."""
        outcomes: list[Outcome] = []
        with self._ledger.transaction():
            for are_inserts, group in groupby(jobs, key=lambda job: isinstance(job, Insert)):
                if are_inserts:
                    inserts = [job for job in group if isinstance(job, Insert)]
                    ids = self._ledger.insert([job.delivery for job in inserts])
                    outcomes += zip(inserts, ids, strict=True)
                else:
                    outcomes += [(job, self._change(job)) for job in group if isinstance(job, Change)]
        self._log.note(len(jobs), sum(job.size_bytes for job in jobs))
        return outcomes

    def _change(self, job: Change) -> object:
        try:
            return job.apply(self._ledger)
        except InspectorError as error:
            return error

    def _full(self) -> str | None:
        """Why no delivery can be stored at present, else None."""
        if self._log.stuck:
            try:
                self._log.checkpoint()
            except sqlite3.Error as error:
                return sentence(error)
        return self._crowded

    def _rest(self) -> bool:
        """While nobody waits: a slice of upkeep. Whether there is more to do."""
        before, was_stuck = self._ledger.memory.position, self._log.stuck
        try:
            more = self._upkeep.rest()
        except sqlite3.Error as error:
            self._complain(sentence(error))
            more = False
        if was_stuck:
            self._recover()
        if self._ledger.memory.position != before:
            self._doorbell.ring()
        return more

    def _look_around(self) -> None:
        """See, not at every batch, whether the file is still there and whether the disk has room."""
        now = time.monotonic()
        if now < self._look_again_at:
            return
        self._look_again_at = now + LOOK_SECONDS
        self._crowded = self._file.crowded()
        missing = self._file.missing()
        if missing and not self._missing:
            logger.error("Deliveries cannot be stored. %s", missing)
        self._missing = missing

    def _judge(self, outcomes: Sequence[Outcome]) -> None:
        """Take a fault from a batch of which something failed, and drop it after one that went well."""
        failures = [str(result) for _, result in outcomes if isinstance(result, StorageFailed)]
        if failures and not self._missing:
            self._complain(failures[0])
        elif any(map(succeeded, outcomes)):
            self._recover()

    def _complain(self, fault: str) -> None:
        if fault != self._fault:
            logger.error("Deliveries cannot be stored. %s", fault)
        self._fault = fault

    def _recover(self) -> None:
        if self._fault and not self._log.stuck:
            logger.warning("Deliveries can be stored again.")
            self._fault = None

    def _announce(self, outcomes: Sequence[Outcome]) -> None:
        """Tell all who wait, in each event loop by one call, and ring."""
        changed = any(map(succeeded, outcomes))
        told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], object]]] = {}
        for job, result in outcomes:
            if job.future is not None:
                told.setdefault(job.future.get_loop(), []).append((job.future, result))
        rung = False
        for loop, results in told.items():
            # A closed loop raises: nobody waits in it any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._tell, results, changed)
                rung = True
        if changed and not rung:
            self._doorbell.ring()

    def _tell(self, results: Sequence[tuple[asyncio.Future[Any], object]], changed: bool) -> None:
        """In the loop of those who wait: first everyone has their result, then the bell rings."""
        for future, result in results:
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
        if changed:
            self._doorbell.ring()

    def _finish(self) -> None:
        with self._gate:
            self._closed = True
        self._announce([(job, StorageFailed("The store is closed.")) for job in self._waiting])
        if not self._file.missing():
            with suppress(sqlite3.Error):
                self._upkeep.finish(FAREWELL_SECONDS)
        self._ledger.close()
