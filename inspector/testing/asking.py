"""Asking an endpoint: waiting for callbacks, and asserting on those that came by now."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Unpack

from inspector.testing.capture import Capturing
from inspector.testing.delivery import Delivery
from inspector.testing.durations import Duration
from inspector.testing.errors import told_at_the_call
from inspector.testing.keywords import Conditions
from inspector.testing.match import Match, Where
from inspector.testing.threads import refuse_in_loop
from inspector.testing.watch import Watch

SETTLE_SECONDS = 0.2
"""How long one more callback is waited for where an exact number is wanted."""

WITHIN_SECONDS = 0.5
"""How long a callback that must not come is waited for."""


class Asking(ABC):
    """What can be asked of the callbacks at an endpoint."""

    @abstractmethod
    def _watch(self) -> Watch:
        """A watch for one question."""

    @abstractmethod
    def _wait_seconds(self, given: Duration | None, name: str = "timeout", *, zero: bool = False) -> float:
        """How long a wait takes that was *given* so long as its *name*."""

    @told_at_the_call
    def wait_for(
        self,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> Delivery:
        """The first callback that is meant, as soon as it is there.

        *timeout* is in seconds, a ``timedelta`` or text like ``5s``; the inspector's own when not given.
        Raises CallbackTimeout, which says what came instead; on a strict endpoint UnexpectedCallback for one
        that is meant and not verified.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("wait_for")
        meant, seconds = Match(where, **match), self._wait_seconds(timeout)
        return self._watch().wait_for(meant, seconds, id_of(after))

    @told_at_the_call
    def wait_for_all(
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
        """The first *count* callbacks that are meant, in the order they came.

        With *exactly* no further one may come for *settle* seconds after the last. Raises CallbackTimeout,
        UnexpectedCallback.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("wait_for_all")
        meant, seconds = Match(where, **match), self._wait_seconds(timeout)
        quiet = self._wait_seconds(settle, "settle", zero=True) if exactly else None
        return self._watch().wait_for_all(meant, count_of(count), seconds, id_of(after), quiet)

    @told_at_the_call
    def expect_none(
        self,
        where: Where | None = None,
        /,
        *,
        within: Duration = WITHIN_SECONDS,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> None:
        """Wait *within* seconds for what must not come; UnexpectedCallback as soon as it does."""
        __tracebackhide__ = True
        self._refuse_in_loop("expect_none")
        meant, seconds = Match(where, **match), self._wait_seconds(within, "within")
        self._watch().expect_none(meant, seconds, id_of(after))

    def capture(
        self,
        count: int = 1,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        **match: Unpack[Conditions],
    ) -> Capturing:
        """A block to act in: at its end the *count* callbacks that came since its beginning are waited for.

        They stand in ``deliveries`` afterwards. When the block itself raises, nothing is waited for.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("capture")
        meant, seconds = Match(where, **match), self._wait_seconds(timeout)
        wanted = count_of(count)

        def since(after: int) -> list[Delivery]:
            __tracebackhide__ = True
            return self._watch().wait_for_all(meant, wanted, seconds, after, None)

        return Capturing(lambda: self._watch().last_id(), since)

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that came so far, oldest first."""
        return self._watch().deliveries()

    @told_at_the_call
    def assert_received(
        self,
        where: Where | None = None,
        /,
        *,
        count: int | None = None,
        after: Delivery | int | None = None,
        **match: Unpack[Conditions],
    ) -> list[Delivery]:
        """What came by now and is meant: *count* of it (0 for nothing), or at least one. Does not wait."""
        __tracebackhide__ = True
        wanted = None if count is None else count_of(count, least=0)
        return self._watch().assert_received(Match(where, **match), wanted, id_of(after))

    @told_at_the_call
    def assert_order(self, *wheres: Where, after: Delivery | int | None = None) -> list[Delivery]:
        """The first callbacks that *wheres* mean, one after the other; others may lie between them."""
        __tracebackhide__ = True
        if not wheres:
            raise TypeError("assert_order needs to be told which callbacks, one for each")
        return self._watch().assert_order([Match(where) for where in wheres], id_of(after))

    @told_at_the_call
    def assert_all_verified(self) -> list[Delivery]:
        """Everything that came, if every signature is valid; else UnexpectedCallback says why not."""
        __tracebackhide__ = True
        return self._watch().assert_all_verified()

    @told_at_the_call
    def assert_no_duplicates(self) -> list[Delivery]:
        """Everything that came, if no message came twice; else UnexpectedCallback says which."""
        __tracebackhide__ = True
        return self._watch().assert_no_duplicates()

    def _refuse_in_loop(self, call: str) -> None:
        __tracebackhide__ = True
        refuse_in_loop(f"{call}()", f"endpoint.aio.{call}(...)")


def id_of(after: Delivery | int | None) -> int:
    """The id that *after* names, 0 for None. Raises TypeError, ValueError."""
    if after is None:
        return 0
    if isinstance(after, Delivery):
        return after.id
    if isinstance(after, bool) or not isinstance(after, int):
        raise TypeError(f"after must be a delivery or its id, not {after!r}")
    if after < 0:
        raise ValueError(f"after must be 0 or more, not {after}")
    return after


def count_of(count: int, *, least: int = 1) -> int:
    """*count*, a whole number of callbacks. Raises TypeError, ValueError."""
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"count must be a whole number, not {count!r}")
    if count < least:
        instead = "; for none at all there is expect_none" if least else ""
        raise ValueError(f"count must be {least} or more, not {count}{instead}")
    return count
