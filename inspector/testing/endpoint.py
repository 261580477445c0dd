"""An endpoint in a test: the URL to hand out, and everything that can be asked of what comes to it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Unpack

from inspector.client import Client, Json
from inspector.models import NOTHING
from inspector.testing.capture import Capture
from inspector.testing.delivery import Delivery
from inspector.testing.durations import Duration, seconds_of
from inspector.testing.errors import OutOfUse, told_at_the_call
from inspector.testing.keywords import Conditions
from inspector.testing.match import Match, Where
from inspector.testing.replies import NOT_GIVEN, Fault, Headers, Reply, Script, Unused
from inspector.testing.threads import refuse_in_loop
from inspector.testing.watch import Watch, Watched

if TYPE_CHECKING:
    from inspector.testing.aio import AsyncEndpoint
    from inspector.testing.inspecting import Inspector

SETTLE_SECONDS = 0.2
"""How long one more callback is waited for where an exact number is wanted."""

WITHIN_SECONDS = 0.5
"""How long a callback that must not come is waited for."""

Tamper = Literal[
    "stale",
    "future",
    "missing-timestamp",
    "wrong-secret",
    "body",
    "signature",
    "upper-hex",
    "no-prefix",
    "duplicate-header",
    "content-type",
    "large",
    "truncated",
    "stripe-style",
    "reserialised",
]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a callback that was sent by ``Endpoint.send``.

    ``status`` is the reply's, None when none came, and then ``error`` says why. ``delivery_id`` names the
    delivery that it is now, ``expected`` the verification status that it was to get.
    """

    status: int | None
    delivery_id: int | None
    expected: str
    error: str | None


class Gate:
    """Replies that wait until the test lets them go: the callback is there to be seen, its sender waits."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @property
    def held(self) -> int:
        """How many replies are held at the moment."""
        return self._endpoint._script.held(self._endpoint._client())

    def release(self) -> int:
        """Let go of every held reply, and of those that would be held; how many it was."""
        return self._endpoint._script.release(self._endpoint._client())

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Endpoint:
    """A registered path on a server: ``url`` is given to the code under test, which signs with ``secret``.

    Waiting looks at everything that came since the endpoint was made and then at what comes, so it does not
    matter whether a callback is there already. ``where`` is a string of the filter language, a ``Match``, or
    a callable; the keywords are those of ``Match``. ``after`` (a delivery or an id) leaves out what was
    earlier. ``aio`` has the same calls for coroutines.
    """

    def __init__(
        self,
        inspector: Inspector,
        watched: Watched,
        *,
        secret: str | None,
        scheme: str,
        scheme_options: dict[str, object] | None,
    ) -> None:
        self.secret = secret
        self.scheme = scheme
        self._scheme_options = scheme_options or NOTHING
        self._inspector = inspector
        self._watched = watched
        self._script = Script(watched.id)
        self._ended = ""

    @property
    def url(self) -> str:
        """The callback URL: what is given to the sender."""
        return self._watched.url

    @property
    def path(self) -> str:
        return self._watched.path

    @property
    def name(self) -> str:
        return self._watched.name

    @property
    def id(self) -> str:
        return self._watched.id

    @property
    def strict(self) -> bool:
        """Whether only verified callbacks count."""
        return self._watched.strict

    @property
    def claimed(self) -> frozenset[int]:
        """The ids of the deliveries that assertions took."""
        return frozenset(self._watched.claimed)

    @property
    def judged(self) -> frozenset[int]:
        """The ids of the deliveries whose verdict the test asked for itself, or spoilt on purpose."""
        return frozenset(self._watched.judged)

    @property
    def inspector_url(self) -> str:
        """The inspector page with this endpoint's deliveries."""
        return self._watched.page_url

    @property
    def aio(self) -> AsyncEndpoint:
        """The same endpoint for coroutines: every call is awaited."""
        from inspector.testing.aio import AsyncEndpoint

        return AsyncEndpoint(self)

    def __repr__(self) -> str:
        return f"<Endpoint {self.url}>"

    # Waiting

    def wait_for(
        self,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        after: Delivery | int = 0,
        **match: Unpack[Conditions],
    ) -> Delivery:
        """The first callback that is meant, as soon as it is there.

        *timeout* is in seconds, a ``timedelta`` or text like ``5s``; the inspector's own when not given.
        Raises CallbackTimeout, which says what came instead; on a strict endpoint UnexpectedCallback for one
        that is meant and not verified.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("wait_for")
        meant, seconds = Match(where, **match), self._inspector.timeout_seconds(timeout)
        return self._watch().wait_for(meant, seconds, id_of(after))

    def wait_for_all(
        self,
        count: int,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        exactly: bool = False,
        settle: Duration = SETTLE_SECONDS,
        after: Delivery | int = 0,
        **match: Unpack[Conditions],
    ) -> list[Delivery]:
        """The first *count* callbacks that are meant, in the order they came.

        With *exactly* no further one may come for *settle* seconds after the last. Raises CallbackTimeout,
        UnexpectedCallback.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("wait_for_all")
        meant, seconds = Match(where, **match), self._inspector.timeout_seconds(timeout)
        quiet = seconds_of(settle, "settle", zero=True) if exactly else None
        return self._watch().wait_for_all(meant, count_of(count), seconds, id_of(after), quiet)

    def expect_none(
        self,
        where: Where | None = None,
        /,
        *,
        within: Duration = WITHIN_SECONDS,
        after: Delivery | int = 0,
        **match: Unpack[Conditions],
    ) -> None:
        """Wait *within* seconds for what must not come; UnexpectedCallback as soon as it does."""
        __tracebackhide__ = True
        self._refuse_in_loop("expect_none")
        meant, seconds = Match(where, **match), seconds_of(within, "within")
        self._watch().expect_none(meant, seconds, id_of(after))

    @contextmanager
    def capture(
        self,
        count: int = 1,
        where: Where | None = None,
        /,
        *,
        timeout: Duration | None = None,
        **match: Unpack[Conditions],
    ) -> Iterator[Capture]:
        """A block to act in: at its end the *count* callbacks that came since its beginning are waited for.

        They stand in ``deliveries`` afterwards. When the block itself raises, nothing is waited for.
        """
        __tracebackhide__ = True
        self._refuse_in_loop("capture")
        meant, seconds = Match(where, **match), self._inspector.timeout_seconds(timeout)
        wanted, after, capture = count_of(count), self._watch().last_id(), Capture()
        yield capture
        capture.deliveries = self._watch().wait_for_all(meant, wanted, seconds, after, None)

    # What came by now

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that came so far, oldest first."""
        return self._watch().deliveries()

    def assert_received(
        self,
        where: Where | None = None,
        /,
        *,
        count: int | None = None,
        after: Delivery | int = 0,
        **match: Unpack[Conditions],
    ) -> list[Delivery]:
        """What came by now and is meant: *count* of it (0 for nothing), or at least one. Does not wait."""
        __tracebackhide__ = True
        wanted = None if count is None else count_of(count, least=0)
        return self._watch().assert_received(Match(where, **match), wanted, id_of(after))

    def assert_order(self, *wheres: Where, after: Delivery | int = 0) -> list[Delivery]:
        """The first callbacks that *wheres* mean, one after the other; others may lie between them."""
        __tracebackhide__ = True
        if not wheres:
            raise TypeError("assert_order needs to be told which callbacks, one for each")
        return self._watch().assert_order([Match(where) for where in wheres], id_of(after))

    def assert_all_verified(self) -> list[Delivery]:
        """Everything that came, if every signature is valid; else UnexpectedCallback says why not."""
        __tracebackhide__ = True
        return self._watch().assert_all_verified()

    def assert_no_duplicates(self) -> list[Delivery]:
        """Everything that came, if no message came twice; else UnexpectedCallback says which."""
        __tracebackhide__ = True
        return self._watch().assert_no_duplicates()

    def clear(self) -> None:
        """Delete what came so far, and drop scripted replies: the endpoint is as if new."""
        client = self._client()
        client.send("DELETE", "/api/deliveries", endpoint=self.id, pinned="true")
        self._script.clear(client)
        self._watched.claimed.clear()
        self._watched.judged.clear()

    # What senders are answered

    @told_at_the_call
    def reply(
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
    ) -> Endpoint:
        """Answer callbacks so from now on; with *times* only so many, with *when* only those that it means.

        Replies with *times* or *when* queue up and are tried in the order given; one without either stays, in
        the place of the one before. *fault* breaks the connection in its own way in place of the reply.
        Raises InvalidInput for a reply that cannot be sent.
        """
        self._script.add(self._client(), Reply(status, json, body, headers, delay, times, when, fault))
        return self

    @told_at_the_call
    def reply_sequence(self, *replies: int | Reply) -> Endpoint:
        """Answer callbacks one after the other so; the last reply stays. In the place of all others."""
        self._script.replace(self._client(), replies)
        return self

    @told_at_the_call
    def hold(
        self,
        status: int = 200,
        *,
        json: object = NOT_GIVEN,
        body: bytes | str | None = None,
        headers: Headers = (),
    ) -> Gate:
        """Hold the replies to all callbacks until the gate is released; they can be seen meanwhile."""
        self._script.replace(self._client(), [Reply(status, json, body, headers, hold=True)])
        return Gate(self)

    @told_at_the_call
    def verify_replies(self, mode: Literal["reject", "accept"] = "reject") -> Endpoint:
        """Answer 401 to callbacks that are not verified, as a real receiver would; ``accept`` ends that."""
        if mode not in ("reject", "accept"):
            raise ValueError(f"verify_replies takes 'reject' or 'accept', not {mode!r}")
        self._client().send("PATCH", f"/api/endpoints/{self.id}", {"reject_invalid": mode == "reject"})
        return self

    def unused_replies(self) -> list[Unused]:
        """Scripted replies that were to be given a number of times and were not."""
        return self._script.unused(self._client())

    # Sending

    @told_at_the_call
    def send(
        self,
        json: object = NOT_GIVEN,
        *,
        body: bytes | str | None = None,
        tamper: Tamper | None = None,
        timestamp: float | datetime | None = None,
    ) -> Sent:
        """Send a callback to the endpoint itself, signed as its sender signs, and wait for the reply.

        Without *json* and *body* it is the sender's usual one. *tamper* spoils it in one known way.
        *timestamp* (Unix seconds or an aware datetime) is signed in place of this moment's.
        """
        answer = self._client().send(
            "POST", f"/api/endpoints/{self.id}/send", order(json, body, tamper, timestamp)
        )
        return self._sent(answer)

    def sign(
        self,
        body: bytes | str,
        *,
        timestamp: float | datetime | None = None,
        message_id: str | None = None,
        secret: str | None = None,
    ) -> dict[str, str]:
        """The headers that the endpoint's sender adds to *body*, signed with its secret or another."""
        from inspector.signing import find_scheme, sign

        value = self.secret if secret is None else secret
        if value is None:
            raise ValueError(f"{self!r} has no secret to sign with: give one, here or to endpoint()")
        return dict(
            sign(
                body.encode() if isinstance(body, str) else body,
                value,
                scheme=find_scheme(self.scheme, self._scheme_options),
                timestamp=timestamp,
                message_id=message_id,
                url=self.url,
            )
        )

    # The end

    def close(self, why: str = "it was closed") -> None:
        """End the use of the endpoint. The server goes on receiving there, and calls it late."""
        if not self._ended:
            self._ended = why
            self._inspector._end(self._watched)

    def _watch(self) -> Watch:
        return Watch(self._watched, self._client(), self._inspector._surroundings)

    def _client(self) -> Client:
        """A client for one call."""
        if self._ended:
            raise OutOfUse(f"{self.name or self.path} cannot be used any more: {self._ended}")
        return self._inspector._client()

    def _sent(self, answer: Json) -> Sent:
        error = answer["error"]
        if answer["delivery_id"] is not None and answer["tamper"] is not None:
            self._watched.judged.add(answer["delivery_id"])
        return Sent(
            answer["status"],
            answer["delivery_id"],
            answer["expected"],
            None if error is None else error["message"],
        )

    def _refuse_in_loop(self, call: str) -> None:
        __tracebackhide__ = True
        refuse_in_loop(f"{call}()", f"endpoint.aio.{call}(...)")


def id_of(after: Delivery | int) -> int:
    """The id that *after* names. Raises TypeError, ValueError."""
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


def order(
    json: object, body: bytes | str | None, tamper: str | None, timestamp: float | datetime | None
) -> Json:
    """The API's order of a test callback."""
    if json is not NOT_GIVEN and body is not None:
        raise TypeError("a callback has json or body, not both")
    wanted: Json = {}
    if json is not NOT_GIVEN:
        wanted["json"] = json
    elif isinstance(body, str):
        wanted["body"] = body
    elif body is not None:
        wanted["body_base64"] = b64encode(body).decode("ascii")
    if tamper is not None:
        wanted["tamper"] = tamper
    if timestamp is not None:
        wanted["timestamp"] = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
    return wanted
