"""What senders are answered during a test: replies in turns, with delays, conditions, faults, or held."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from inspector.client import Client, Json
from inspector.testing.durations import Duration, seconds_of

Fault = Literal["reset", "close", "timeout", "garbage", "half"]
"""What takes the place of a reply: the connection is reset, or closed; nothing comes; what comes is no HTTP;
it breaks off in the middle."""

Headers = Mapping[str, str] | Iterable[tuple[str, str]]

WITHOUT_END = 1_000_000
"""So many uses stand for any number, in an entry that others follow."""


class _NotGiven:
    """Where no JSON is given; ``None`` is JSON's ``null``."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = _NotGiven()


def content(what: str, json: object, body: bytes | str | None) -> Json:
    """What *what* carries, in the fields of the API. Raises TypeError for both at once, and other types."""
    if json is not NOT_GIVEN and body is not None:
        raise TypeError(f"{what} has json or body, not both")
    if json is not NOT_GIVEN:
        return {"json": json}
    match body:
        case None:
            return {}
        case str():
            return {"body": body}
        case bytes() | bytearray() | memoryview():
            return {"body_base64": b64encode(body).decode("ascii")}
    raise TypeError(f"the body of {what} must be bytes or text, not {body!r}; json= takes a value")


@dataclass(frozen=True)
class Reply:
    """One reply, for ``reply_sequence``. The fields are those of ``Endpoint.reply``."""

    status: int = 200
    json: object = NOT_GIVEN
    body: bytes | str | None = None
    headers: Headers = ()
    delay: Duration = 0.0
    times: int | None = None
    when: str | None = None
    fault: Fault | None = None
    hold: bool = False

    def as_entry(self) -> Json:
        """The reply as an entry of the API's scripts. Raises TypeError, ValueError for what cannot be one."""
        entry: Json = {"status": self.status, **content("a reply", self.json, self.body)}
        pairs = self.headers.items() if isinstance(self.headers, Mapping) else self.headers
        entry["headers"] = [[name, value] for name, value in pairs]
        entry["delay_seconds"] = seconds_of(self.delay, "delay", zero=True)
        if self.when is not None and not isinstance(self.when, str):
            raise TypeError("when is a filter, such as 'json.kind:refund': the server asks it, not the test")
        if self.times is not None and (isinstance(self.times, bool) or not isinstance(self.times, int)):
            raise TypeError(f"times must be a whole number, not {self.times!r}")
        if self.times is not None and self.times < 1:
            raise ValueError(f"times must be 1 or more, not {self.times}")
        entry |= {"times": self.times, "when": self.when, "fault": self.fault, "hold": self.hold}
        return entry


def _no_reply(given: object) -> str:
    hint = ""
    if callable(given):
        # The server answers, and it may run elsewhere.
        hint = "; a callable is not asked: say when by Reply(..., when='json.kind:refund')"
    return f"a sequence has statuses and Reply objects, not {given!r}{hint}"


@dataclass(frozen=True, slots=True)
class Unused:
    """A scripted reply, or *fault* in its place, that was to be given *left* times more."""

    status: int
    left: int
    when: str | None
    fault: Fault | None = None

    def __str__(self) -> str:
        condition = f" when {self.when}" if self.when else ""
        times = "time" if self.left == 1 else "times"
        return f"{self.fault or self.status}{condition}, {self.left} more {times}"


class Script:
    """The replies of one endpoint, kept by the server: those in turn, then the lasting one.

    A lasting reply to every request (no ``times``, no ``when``) takes the place of the one before; all others
    queue in front of it.
    """

    def __init__(self, endpoint_id: str) -> None:
        self._address = f"/api/endpoints/{endpoint_id}"

    def add(self, client: Client, reply: Reply) -> None:
        """Have *reply* given. Raises InvalidInput when the server cannot send it."""
        entry = reply.as_entry()
        turns, lasting = self._current(client)
        if reply.times is None and reply.when is None:
            self._put(client, turns, entry)
        else:
            entry["times"] = reply.times or WITHOUT_END
            self._put(client, [*turns, entry], lasting)

    def replace(self, client: Client, replies: Iterable[int | Reply]) -> None:
        """Have *replies* given one after the other; the last one stays."""
        given = [Reply(each) if isinstance(each, int) else each for each in replies]
        if not given:
            raise TypeError("a sequence needs one reply at least")
        for each in given:
            if not isinstance(each, Reply):
                raise TypeError(_no_reply(each))
        *turns, last = given
        entries = [replace(each, times=each.times or 1).as_entry() for each in turns]
        self._put(client, entries, last.as_entry())

    def release(self, client: Client) -> int:
        """Let go of what is held; how many replies it was."""
        released: int = client.send("POST", f"{self._address}/release", {})["released"]
        return released

    def held(self, client: Client) -> int:
        """How many replies are held at the moment."""
        return sum(entry["held"] for entry in self._entries(client))

    def clear(self, client: Client) -> None:
        """Drop the script: the endpoint's own reply is given again."""
        client.send("DELETE", f"{self._address}/replies")

    def unused(self, client: Client) -> list[Unused]:
        """The replies that were to be given a number of times and were not."""
        turns, _ = self._current(client)
        return [
            Unused(entry["status"], entry["times"], entry["when"], entry["fault"])
            for entry in turns
            if entry["times"] < WITHOUT_END // 2
        ]

    def _current(self, client: Client) -> tuple[list[Json], Json | None]:
        """What of the script has uses left: the replies in turn, and the lasting one."""
        turns: list[Json] = []
        lasting: Json | None = None
        for entry in self._entries(client):
            used, _ = entry.pop("used"), entry.pop("held")
            if entry["times"] is None:
                lasting = entry
            elif entry["times"] > used:
                entry["times"] -= used
                turns.append(entry)
        return turns, lasting

    def _entries(self, client: Client) -> list[Json]:
        entries: list[Json] = client.get(f"{self._address}/replies")["replies"]
        return entries

    def _put(self, client: Client, turns: list[Json], lasting: Json | None) -> None:
        entries = [*turns, *([] if lasting is None else [lasting])]
        client.send("PUT", f"{self._address}/replies", {"replies": entries})
