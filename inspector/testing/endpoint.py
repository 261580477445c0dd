"""An endpoint in a test: the URL to hand out, and everything that can be asked of what comes to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from inspector.client import Client, Json
from inspector.models import NOTHING, VerificationStatus
from inspector.testing.answering import Answering
from inspector.testing.asking import Asking
from inspector.testing.durations import Duration
from inspector.testing.errors import OutOfUse, told_at_the_call
from inspector.testing.replies import NOT_GIVEN, Script, content
from inspector.testing.watch import Watch
from inspector.testing.watched import Watched

if TYPE_CHECKING:
    from inspector.testing.aio import AsyncEndpoint
    from inspector.testing.inspecting import Inspector

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


class Endpoint(Asking, Answering):
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

    @told_at_the_call
    def send(
        self,
        json: object = NOT_GIVEN,
        *,
        body: bytes | str | None = None,
        signed: bool = True,
        tamper: Tamper | None = None,
        timestamp: float | datetime | None = None,
    ) -> Sent:
        """Send a callback to the endpoint itself, signed as its sender signs, and wait for the reply.

        Without *json* and *body* it is the sender's usual one. When it is not *signed* it has no signature;
        *tamper* spoils it in one known way. *timestamp* (Unix seconds or an aware datetime) is signed in
        place of this moment's.
        """
        answer = self._client().send(
            "POST", f"/api/endpoints/{self.id}/send", order(json, body, signed, tamper, timestamp)
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
        from inspector.signing import find_scheme, scheme_names, sign

        # Whoever tells senders apart is sent to as the usual one: so does the server's own test callback.
        scheme = "blaxel" if self.scheme == "auto" else self.scheme
        value = self.secret if secret is None else secret
        if value is None:
            raise ValueError(f"{self!r} has no secret to sign with: give one, here or to endpoint()")
        if scheme not in scheme_names():
            raise ValueError(
                f"{scheme} is a scheme of the server's own, and send() signs with it there. To sign here, "
                "make the endpoint with scheme='hmac' and its scheme_options"
            )
        return dict(
            sign(
                body.encode() if isinstance(body, str) else body,
                value,
                scheme=find_scheme(scheme, self._scheme_options),
                timestamp=timestamp,
                message_id=message_id,
                url=self.url,
            )
        )

    def clear(self) -> None:
        """Delete what came so far, and answer as at first: the endpoint is as if new."""
        client = self._client()
        client.send("DELETE", "/api/deliveries", endpoint=self.id, pinned="true")
        self._script.clear(client)
        self.verify_replies("accept")
        self._watched.claimed.clear()
        self._watched.judged.clear()
        self._watched.known.clear()

    def close(self, why: str = "it was closed") -> None:
        """End the use of the endpoint. The server goes on receiving there, and calls it late."""
        if not self._ended:
            self._ended = why
            self._inspector._end(self._watched)

    def _wait_seconds(self, given: Duration | None, name: str = "timeout", *, zero: bool = False) -> float:
        return self._inspector.wait_seconds(given, name, zero=zero)

    def _watch(self) -> Watch:
        return Watch(self._watched, self._client(), self._inspector._surroundings)

    def _client(self) -> Client:
        """A client for one call."""
        if self._ended:
            raise OutOfUse(f"{self.name or self.path} cannot be used any more: {self._ended}")
        return self._inspector._client()

    def _sent(self, answer: Json) -> Sent:
        error = answer["error"]
        if answer["delivery_id"] is not None and answer["expected"] != VerificationStatus.VALID:
            self._watched.judged.add(answer["delivery_id"])
        return Sent(
            answer["status"],
            answer["delivery_id"],
            answer["expected"],
            None if error is None else error["message"],
        )


def order(
    json: object,
    body: bytes | str | None,
    signed: bool,
    tamper: str | None,
    timestamp: float | datetime | None,
) -> Json:
    """The API's order of a test callback."""
    wanted = content("a callback", json, body)
    if not signed:
        wanted["signed"] = False
    if tamper is not None:
        wanted["tamper"] = tamper
    if timestamp is not None:
        wanted["timestamp"] = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
    return wanted
