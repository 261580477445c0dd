"""What a block of a test captured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType

from inspector.testing.delivery import Delivery


@dataclass(slots=True)
class Capture:
    """The callbacks that came because of what a block did; filled when the block ends."""

    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def delivery(self) -> Delivery:
        """The first of them. Raises IndexError while the block lasts."""
        return self.deliveries[0]


# Classes and no generators: a failure at the end of the block then shows the block and nothing of contextlib.
class Capturing(AbstractContextManager[Capture]):
    """A block that begins after the id that *last_id* gives, and ends by waiting for what came *since*."""

    def __init__(self, last_id: Callable[[], int], since: Callable[[int], list[Delivery]]) -> None:
        self._last_id = last_id
        self._since = since
        self._capture = Capture()

    def __enter__(self) -> Capture:
        __tracebackhide__ = True
        self._after = self._last_id()
        return self._capture

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        if kind is None:
            self._capture.deliveries = self._since(self._after)


class AsyncCapturing(AbstractAsyncContextManager[Capture]):
    """The same block for coroutines."""

    def __init__(
        self, last_id: Callable[[], Awaitable[int]], since: Callable[[int], Awaitable[list[Delivery]]]
    ) -> None:
        self._last_id = last_id
        self._since = since
        self._capture = Capture()

    async def __aenter__(self) -> Capture:
        __tracebackhide__ = True
        self._after = await self._last_id()
        return self._capture

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        __tracebackhide__ = True
        if kind is None:
            self._capture.deliveries = await self._since(self._after)
