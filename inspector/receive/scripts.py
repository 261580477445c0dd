"""Scripts: replies that take turns in the place of an endpoint's own, for as long as the server runs.

A script is a list of entries. The first entry that fits a request and has uses left answers it; when none
does, the endpoint's own reply is given. A script is of a moment, a developer's or a test's: it is kept in
memory, beside the endpoint and not as part of it.

Everything here happens in the server's event loop, but for the conditions of a long body.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from inspector.matching import Filter, Subject, match
from inspector.models import Fault, Reply, Scripted

UNKNOWN_FIELDS = frozenset({"id", "pinned", "reply"})
"""What a condition cannot ask for: a delivery has none of it before it is answered."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One reply of a script.

    It answers *times* requests that *when* means (None: without end, and every request). *fault* takes the
    place of the reply; with *hold* the reply waits until it is released.
    """

    reply: Reply
    times: int | None = 1
    when: Filter | None = None
    fault: Fault | None = None
    hold: bool = False


@dataclass(slots=True, eq=False)
class Use:
    """An entry, how often it was used, and the turns that wait for it to be released."""

    entry: Entry
    used: int = 0
    released: bool = False
    waiting: set[Turn] = field(default_factory=set)

    def release(self) -> int:
        """Let go of what is held, and hold nothing more; how many replies it was."""
        self.released = True
        count = len(self.waiting)
        for turn in self.waiting:
            turn.free.set()
        self.waiting.clear()
        return count


class Turn:
    """One request's turn with an entry: what it is answered, and when."""

    def __init__(self, use: Use, number: int) -> None:
        use.used += 1
        self._use = use
        self.number = number
        self.free = asyncio.Event()
        self.holds = use.entry.hold and not use.released
        if self.holds:
            use.waiting.add(self)
        self._held_since = time.monotonic()

    @property
    def reply(self) -> Reply:
        return self._use.entry.reply

    @property
    def fault(self) -> Fault | None:
        return self._use.entry.fault

    @property
    def scripted(self) -> Scripted:
        """What is known of it before the reply is given."""
        return Scripted(self.number, self.fault, self.holds)

    @property
    def answers_at_once(self) -> bool:
        """Whether the reply is sent as it is when its delay is over."""
        return not self.holds and self.fault is None

    @property
    def held_seconds(self) -> float:
        """For how long it has held the reply."""
        return time.monotonic() - self._held_since

    def give_up(self) -> None:
        """Wait no longer: the sender is gone."""
        self._use.waiting.discard(self)

    def give_back(self) -> None:
        """Be as if it had not been: nothing was stored, and nothing is answered by it."""
        self._use.used -= 1
        self.give_up()


class Script:
    """The entries of one endpoint, in the order in which they are tried."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.uses = tuple(map(Use, entries))

    @property
    def asks_for_attempt(self) -> bool:
        """Whether a condition is about the number of the attempt."""
        return any("attempt" in fields_of(use.entry.when) for use in self.uses)

    def fitting(self, subject: Subject) -> list[bool]:
        """For each entry whether its condition holds."""
        return [use.entry.when is None or match(use.entry.when, subject) for use in self.uses]

    def take(self, fits: Sequence[bool]) -> Turn | None:
        """The turn of the first entry that *fits* and has uses left."""
        for number, (use, fit) in enumerate(zip(self.uses, fits, strict=True), 1):
            times = use.entry.times
            if fit and (times is None or use.used < times):
                return Turn(use, number)
        return None

    def release(self) -> int:
        """Let go of every held reply, and of those that entries would hold from now on."""
        return sum(use.release() for use in self.uses)


class Scripts:
    """The scripts of one server, by endpoint id. False while there is none."""

    def __init__(self) -> None:
        self._scripts: dict[str, Script] = {}
        self._closed = False

    def __bool__(self) -> bool:
        return bool(self._scripts)

    def find(self, endpoint_id: str) -> Script | None:
        return self._scripts.get(endpoint_id)

    def put(self, endpoint_id: str, entries: Sequence[Entry]) -> Script:
        """Replace the endpoint's script by one that begins anew. What the old one held is let go."""
        self.remove(endpoint_id)
        script = self._scripts[endpoint_id] = Script(entries)
        if self._closed:
            script.release()
        return script

    def remove(self, endpoint_id: str) -> None:
        """Drop the endpoint's script, if it has one, and let go of what it held."""
        script = self._scripts.pop(endpoint_id, None)
        if script is not None:
            script.release()

    def close(self) -> None:
        """Let go of everything that is held, now and later: the server stops."""
        self._closed = True
        for script in self._scripts.values():
            script.release()


def fields_of(tree: Filter | None) -> frozenset[str]:
    """The fields that the conditions of *tree* are about."""
    conditions = () if tree is None else tree.conditions
    return frozenset(getattr(condition.test, "field", "") for condition in conditions)
