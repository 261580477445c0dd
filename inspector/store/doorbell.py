"""The doorbell: tells whoever waits that the table has changed, and nothing more.

It carries no data. A reader takes ``count``, then looks at the table, and only then waits for the count to
differ from the one it took; a ring in between is thus never lost::

    seen = bell.count
    rows = store.after(last)
    if not rows:
        await bell.wait(seen)

Coroutines of any event loop, blocking threads and ``concurrent.futures`` all wait on the same bell.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import Future


class Doorbell:
    """A count that only rises, and those who wait for it to rise. Safe to use from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._in_loops: dict[asyncio.AbstractEventLoop, set[asyncio.Future[None]]] = {}
        self._in_threads: set[threading.Lock] = set()
        self._futures: set[Future[None]] = set()

    @property
    def count(self) -> int:
        """How often it rang. Take it before looking at the table."""
        return self._count

    @property
    def waiting(self) -> int:
        """How many wait at this moment."""
        with self._lock:
            return sum(map(len, self._in_loops.values())) + len(self._in_threads) + len(self._futures)

    def ring(self) -> None:
        """Wake everyone who waits. Not for signal handlers: the lock is not reentrant."""
        with self._lock:
            self._count += 1
            if not (self._in_loops or self._in_threads or self._futures):
                return
            in_loops, self._in_loops = self._in_loops, {}
            in_threads, self._in_threads = self._in_threads, set()
            futures, self._futures = self._futures, set()
        here = running_loop()
        for loop, waiters in in_loops.items():
            if loop is here:
                _settle(waiters)
            else:
                _settle_elsewhere(loop, waiters)
        for sleeper in in_threads:
            sleeper.release()
        for future in futures:
            if future.set_running_or_notify_cancel():
                future.set_result(None)

    async def wait(self, seen: int) -> None:
        """Return when the count differs from *seen*, at once if it does already. May be cancelled."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._count != seen:
                return
            waiter = loop.create_future()
            waiters = self._in_loops.setdefault(loop, set())
            waiters.add(waiter)
        try:
            await waiter
        finally:
            with self._lock:
                waiters.discard(waiter)
                if not waiters and self._in_loops.get(loop) is waiters:
                    del self._in_loops[loop]

    def wait_blocking(self, seen: int, timeout: float | None = None) -> bool:
        """Block this thread until the count differs from *seen*, at most *timeout* seconds (None: without
        end).

        Returns whether it differs.
        """
        sleeper = threading.Lock()
        with self._lock:
            if self._count != seen:
                return True
            sleeper.acquire()
            self._in_threads.add(sleeper)
        try:
            return sleeper.acquire(timeout=-1 if timeout is None else max(0.0, timeout))
        finally:
            with self._lock:
                self._in_threads.discard(sleeper)

    def future(self, seen: int) -> Future[None]:
        """A future that is done when the count differs from *seen*. Whoever gives up waiting cancels it."""
        future: Future[None] = Future()
        with self._lock:
            waits = self._count == seen
            if waits:
                self._futures.add(future)
        if waits:
            future.add_done_callback(self._forget)
        else:
            future.set_result(None)
        return future

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._futures.discard(future)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _settle(waiters: Iterable[asyncio.Future[None]]) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(None)


def _settle_elsewhere(loop: asyncio.AbstractEventLoop, waiters: Iterable[asyncio.Future[None]]) -> None:
    try:
        loop.call_soon_threadsafe(_settle, waiters)
    except RuntimeError:
        # The loop is closed: nobody waits in it any more.
        return
