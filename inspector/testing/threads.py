"""Blocking calls from asynchronous tests, each in a thread of its own; and no blocking call by mistake.

Not the loop's default executor: a few waits would fill it, and the code under test uses it too.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from inspector.testing.errors import CallbackError

T = TypeVar("T")


async def in_thread(call: Callable[[], T], give_up: Callable[[], object] | None = None) -> T:
    """What *call* returns, called in a thread. When the waiting task is cancelled, *give_up* is to end it."""
    __tracebackhide__ = True
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = call()
        except CallbackError as failed:
            # The test's own line is what its reader wants to see, not how the call came here.
            if not future.cancelled():
                future.set_exception(failed.with_traceback(None))
        # Carried over to the task that waits for it, whatever it is.
        except BaseException as raised:  # noqa: BLE001
            if not future.cancelled():
                future.set_exception(raised)
        else:
            if not future.cancelled():
                future.set_result(result)

    thread = threading.Thread(target=run, name="callback-wait", daemon=True)
    thread.start()
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        if give_up is not None:
            give_up()
        raise


def refuse_in_loop(call: str, instead: str) -> None:
    """Raise RuntimeError in a task of a running event loop, which *call* would hold up."""
    __tracebackhide__ = True
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs in this thread
        return
    # A loop without a task is one that only seems to run: Playwright's synchronous API leaves it so.
    if task is not None:
        raise RuntimeError(f"{call} would block the running event loop: use `await {instead}`")
