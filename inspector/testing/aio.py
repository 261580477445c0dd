"""The endpoint for coroutines: the same calls, awaited. The event loop goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeVar, Unpack

from inspector.testing.asking import SETTLE_SECONDS, WITHIN_SECONDS, count_of, id_of
from inspector.testing.capture import AsyncCapturing
from inspector.testing.delivery import Delivery
from inspector.testing.durations import Duration
from inspector.testing.endpoint import Sent, Tamper
from inspector.testing.keywords import Conditions
from inspector.testing.match import Match, Where
from inspector.testing.replies import NOT_GIVEN, Fault, Headers, Reply, Unused
from inspector.testing.threads import in_thread

if TYPE_CHECKING:
    from inspector.testing.answering import Gate
    from inspector.testing.endpoint import Endpoint
    from inspector.testing.watch import Watch

T = TypeVar("T")


class AsyncGate:
    """Replies that wait until the test lets them go."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def held(self) -> int:
        """How many replies are held at the moment."""
        return await in_thread(lambda: self._gate.held)

    async def release(self) -> int:
        """Let go of every held reply, and of those that would be held; how many it was."""
        return await in_thread(self._gate.release)

    async def __aenter__(self) -> AsyncGate:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.release()


class Holding:
    """A gate to be had: by awaiting this, or for an ``async with`` block, at the end of which it opens."""

    def __init__(self, hold: Callable[[], Gate]) -> None:
        self._hold = hold

    def __await__(self) -> Generator[object, None, AsyncGate]:
        return self.__aenter__().__await__()

    async def __aenter__(self) -> AsyncGate:
        self._gate = AsyncGate(await in_thread(self._hold))
        return self._gate

    async def __aexit__(self, *_: object) -> None:
        await self._gate.release()


class AsyncEndpoint:
    """What ``Endpoint`` has, for coroutines; its docstrings hold here too. A cancelled wait ends at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @property
    def url(self) -> str:
        return self._endpoint.url

    @property
    def secret(self) -> str | None:
        return self._endpoint.secret

    async def wait_for(
        self,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> Delivery:
        __tracebackhide__ = True
        meant, seconds, cursor = Match(where, **match), self._endpoint._wait_seconds(timeout), id_of(after)
        return await self._watching(lambda watch: watch.wait_for(meant, seconds, cursor))

    async def wait_for_all(
        self,
        count: int,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        exactly: bool = False,
        settle: Duration = SETTLE_SECONDS,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> list[Delivery]:
        __tracebackhide__ = True
        meant, seconds, cursor = Match(where, **match), self._endpoint._wait_seconds(timeout), id_of(after)
        wanted = count_of(count)
        quiet = self._endpoint._wait_seconds(settle, "settle", zero=True) if exactly else None
        return await self._watching(lambda watch: watch.wait_for_all(meant, wanted, seconds, cursor, quiet))

    async def expect_none(
        self,
        where: Where | None = None,
        /,
        *,
        within: Duration = WITHIN_SECONDS,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> None:
        __tracebackhide__ = True
        meant, seconds, cursor = (
            Match(where, **match),
            self._endpoint._wait_seconds(within, "within"),
            id_of(after),
        )
        await self._watching(lambda watch: watch.expect_none(meant, seconds, cursor))

    def capture(
        self,
        count: int = 1,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        **match: Unpack[Conditions],
    ) -> AsyncCapturing:
        __tracebackhide__ = True
        meant, seconds, wanted = Match(where, **match), self._endpoint._wait_seconds(timeout), count_of(count)

        async def since(after: int) -> list[Delivery]:
            __tracebackhide__ = True
            return await self._watching(lambda watch: watch.wait_for_all(meant, wanted, seconds, after, None))

        return AsyncCapturing(lambda: self._watching(lambda watch: watch.last_id()), since)

    async def deliveries(self) -> list[Delivery]:
        return await self._watching(lambda watch: watch.deliveries())

    async def assert_received(
        self,
        where: Where | None = None,
        /,
        *,
        count: int | None = None,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> list[Delivery]:
        __tracebackhide__ = True
        return await in_thread(
            lambda: self._endpoint.assert_received(where, count=count, after=after, **match)
        )

    async def assert_order(self, *wheres: Where, after: Delivery | int | None = None) -> list[Delivery]:
        __tracebackhide__ = True
        return await in_thread(lambda: self._endpoint.assert_order(*wheres, after=after))

    async def assert_all_verified(self) -> list[Delivery]:
        __tracebackhide__ = True
        return await in_thread(self._endpoint.assert_all_verified)

    async def assert_no_duplicates(self) -> list[Delivery]:
        __tracebackhide__ = True
        return await in_thread(self._endpoint.assert_no_duplicates)

    async def clear(self) -> None:
        await in_thread(self._endpoint.clear)

    async def reply(
        self,
        status: int = 200,
        *,
        json: object = NOT_GIVEN,
        body: bytes | str | None = None,
        headers: Headers = (),
        delay: Duration = 0.0,
        times: int | None = None,
        when: str | None = None,
        fault: Fault | None = None,
    ) -> None:
        await in_thread(
            lambda: self._endpoint.reply(
                status,
                json=json,
                body=body,
                headers=headers,
                delay=delay,
                times=times,
                when=when,
                fault=fault,
            )
        )

    async def reply_sequence(self, *replies: int | Reply) -> None:
        await in_thread(lambda: self._endpoint.reply_sequence(*replies))

    def hold(
        self,
        status: int = 200,
        *,
        json: object = NOT_GIVEN,
        body: bytes | str | None = None,
        headers: Headers = (),
    ) -> Holding:
        return Holding(lambda: self._endpoint.hold(status, json=json, body=body, headers=headers))

    async def verify_replies(self, mode: Literal["reject", "accept"] = "reject") -> None:
        await in_thread(lambda: self._endpoint.verify_replies(mode))

    async def unused_replies(self) -> list[Unused]:
        return await in_thread(self._endpoint.unused_replies)

    async def send(
        self,
        json: object = NOT_GIVEN,
        *,
        body: bytes | str | None = None,
        signed: bool = True,
        tamper: Tamper | None = None,
        timestamp: float | datetime | None = None,
    ) -> Sent:
        return await in_thread(
            lambda: self._endpoint.send(json, body=body, signed=signed, tamper=tamper, timestamp=timestamp)
        )

    def sign(
        self,
        body: bytes | str,
        *,
        timestamp: float | datetime | None = None,
        message_id: str | None = None,
        secret: str | None = None,
    ) -> dict[str, str]:
        """Needs no awaiting: nothing is asked of the server."""
        return self._endpoint.sign(body, timestamp=timestamp, message_id=message_id, secret=secret)

    async def _watching(self, ask: Callable[[Watch], T]) -> T:
        """The answer to a question that may take long; when the task is cancelled it is given up."""
        __tracebackhide__ = True
        watch = self._endpoint._watch()
        return await in_thread(lambda: ask(watch), watch.give_up)
