"""Rechecking: stored deliveries judged anew when what their endpoint checks with has changed.

Each is judged as of its arrival, so that a secret which comes late makes valid what would have been valid
then. The newest come first: they are what somebody looks at who changes a secret. It goes slice by slice in a
thread with pauses, so that receiving and reading go on; each new verdict is an update that pages see at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from inspector.errors import NotFound, StorageFailed
from inspector.models import Endpoint, Verification
from inspector.receive.receiver import Receiver
from inspector.store import Store

SLICE_DELIVERIES = 100
"""So many are judged at a time."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many deliveries of an endpoint are judged anew by now, of how many."""

    done: int
    total: int


class Rechecker:
    """Judges stored deliveries anew, for one or several endpoints at a time."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self._store = store
        self._receiver = receiver
        self._work: dict[str, asyncio.Task[None]] = {}
        self._progress: dict[str, Progress] = {}

    @property
    def progress(self) -> Mapping[str, Progress]:
        """What is under way, by endpoint id."""
        return self._progress

    def start(self, endpoint_id: str) -> None:
        """Judge all deliveries of an endpoint anew, from the beginning when that is under way already.

        Called in the loop.
        """
        before = self._work.pop(endpoint_id, None)
        if before is not None:
            before.cancel()
            del self._progress[endpoint_id]
        total = self._store.count(endpoint_id=endpoint_id)
        if not total:
            return
        self._progress[endpoint_id] = Progress(0, total)
        work = asyncio.get_running_loop().create_task(self._recheck(endpoint_id))
        self._work[endpoint_id] = work
        work.add_done_callback(lambda _: self._ended(endpoint_id, work))

    def _ended(self, endpoint_id: str, work: asyncio.Task[None]) -> None:
        if self._work.get(endpoint_id) is work:
            del self._work[endpoint_id], self._progress[endpoint_id]

    async def _recheck(self, endpoint_id: str) -> None:
        through = self._store.position().cursor
        # The endpoint can go meanwhile; a disk that fails leaves the verdicts as they were.
        with suppress(NotFound, StorageFailed):
            await self._judge_down(endpoint_id, through + 1, 0)
            # Some that were judged by what there was before may have been stored only after the beginning.
            await self._judge_down(endpoint_id, None, through)

    async def _judge_down(self, endpoint_id: str, before: int | None, through: int) -> None:
        """Judge the deliveries with an id below *before* and above *through*, the newest first."""
        more = True
        while more and (before is None or before > through + 1):
            started = time.monotonic()
            endpoint = self._store.endpoint(endpoint_id)
            verdicts, before, more = await asyncio.to_thread(self._judge_slice, endpoint, before, through)
            await self._store.rejudge(verdicts)
            progress = self._progress[endpoint_id]
            done = min(progress.done + len(verdicts), progress.total)
            self._progress[endpoint_id] = replace(progress, done=done)
            await asyncio.sleep(time.monotonic() - started)

    def _judge_slice(
        self, endpoint: Endpoint, before: int | None, through: int
    ) -> tuple[Sequence[tuple[int, Verification]], int, bool]:
        """The verdicts on a slice of them, the last id that it reaches, and whether there are more."""
        page = self._store.newest(endpoint_id=endpoint.id, before=before, limit=SLICE_DELIVERIES)
        verdicts = []
        for row in page.rows:
            with suppress(NotFound):  # removed in between
                if row.id > through:
                    request = self._store.delivery(row.id).request
                    verdicts.append((row.id, self._receiver.judge(endpoint, request)[0]))
        return verdicts, page.cursor, page.more
