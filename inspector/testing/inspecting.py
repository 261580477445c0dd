"""``start`` and ``connect``: a Callback Inspector for tests, in this process or wherever one runs."""

from __future__ import annotations

import atexit
import re
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from inspector.client import Client, Json
from inspector.errors import InspectorError
from inspector.settings import Limits, Retention, Settings
from inspector.testing.delivery import Delivery
from inspector.testing.durations import Duration, seconds_of
from inspector.testing.endpoint import Endpoint
from inspector.testing.errors import OutOfUse, told_at_the_call
from inspector.testing.log import Log
from inspector.testing.surroundings import Ended, Surroundings
from inspector.testing.threads import in_thread
from inspector.testing.watched import Watched

TIMEOUT_SECONDS = 5.0
NAME_CHARACTERS = 200
SLUG_CHARACTERS = 40
LAST_PORT = 65_535
_NOT_IN_SLUG = re.compile(r"[^A-Za-z0-9._-]+")


@told_at_the_call
def start(
    *,
    host: str | None = None,
    port: int = 0,
    inspector_port: int = 0,
    db: Path | str | None = None,
    secret: str | None = None,
    public_url: str | None = None,
    max_body_bytes: int | None = None,
    timeout: Duration = TIMEOUT_SECONDS,
    timeout_scale: float = 1.0,
) -> Inspector:
    """A server of the test's own, in a thread of this process, on free ports and with private temporary data.

    It keeps everything until it is closed; a database file *db* is kept beyond that. *host* is the address to
    bind, both of loopback when not given. Endpoints that are given no secret have *secret*, else a generated
    one each. *timeout* is how long waits take when they do not say, and *timeout_scale* stretches all of
    them, for slow machines. Use it in a ``with`` block, or ``close`` it.

    Raises PortInUse when a port is taken, UnusableDatabase or DatabaseInUse when the file cannot be used.
    """
    seconds, scale = seconds_of(timeout, "timeout"), seconds_of(timeout_scale, "timeout_scale")
    # Here, so that whoever connects to a running server loads no web stack.
    from inspector.server import background

    limits = Limits() if max_body_bytes is None else replace(Limits(), body_bytes=max_body_bytes)
    settings = Settings(
        database=None if db is None else Path(db),
        port=_port(port, "port"),
        inspector_port=_port(inspector_port, "inspector_port"),
        host=host,
        public_url=public_url,
        limits=limits,
        retention=Retention(deliveries=0, bytes=0, days=0),
    )
    with ExitStack() as closing:
        server = closing.enter_context(background(settings))
        url, inspector_url = public_url or server.addresses.callback_url, server.addresses.inspector_url
        waiting = Waiting(seconds, scale)
        return Inspector(url, inspector_url, None, waiting, closing.pop_all(), secret=secret, owned=True)


@told_at_the_call
def connect(
    url: str, *, token: str | None = None, timeout: Duration = TIMEOUT_SECONDS, timeout_scale: float = 1.0
) -> Inspector:
    """The Callback Inspector that runs at *url*, the base URL of its page and API, with the same calls.

    *token* is what it demands, if it demands one. At the end its endpoints are removed; what they received
    stays. Raises Unreachable when none answers there, Refused when it wants another token.
    """
    seconds, scale = seconds_of(timeout, "timeout"), seconds_of(timeout_scale, "timeout_scale")
    status = Client(url, token).get("/api/status")
    return Inspector(status["callback_url"], url, token, Waiting(seconds, scale), ExitStack(), owned=False)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long waits take that do not say, and how many times as long all of them."""

    seconds: float
    scale: float


class Inspector:
    """A running Callback Inspector, as tests see it. Made by ``start`` and ``connect``; close it at the end.

    ``url`` is where callbacks go, ``inspector_url`` its page and API; both end with a slash.
    """

    def __init__(
        self,
        url: str,
        inspector_url: str,
        token: str | None,
        waiting: Waiting,
        closing: ExitStack,
        *,
        secret: str | None = None,
        owned: bool,
    ) -> None:
        self.url = url.rstrip("/") + "/"
        self.inspector_url = inspector_url.rstrip("/") + "/"
        self._token = token
        self._waiting = waiting
        self._secret = secret
        self._closing = closing
        self._owned = owned
        self._closed = False
        self._endpoints: dict[str, Endpoint] = {}
        self._surroundings = Surroundings(self.url)
        # A test run that is torn down may never come to close it; its temporary data goes all the same.
        atexit.register(self.close)

    def __repr__(self) -> str:
        return f"<Inspector {self.url} with {self.inspector_url}>"

    def __enter__(self) -> Inspector:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Inspector:
        return self

    async def __aexit__(self, *_: object) -> None:
        await in_thread(self.close)

    @told_at_the_call
    def endpoint(
        self,
        name: str | None = None,
        *,
        path: str | None = None,
        secret: str | Sequence[str] | None = None,
        scheme: str = "blaxel",
        scheme_options: dict[str, object] | None = None,
        tolerance: Duration | None = None,
        public_url: str | None = None,
        cors: bool = False,
        strict: bool = False,
        strict_path: bool = False,
    ) -> Endpoint:
        """A new endpoint, on a random path that begins with *name* unless *path* is given.

        Callbacks are checked by *scheme* with *secret* (or several, for rotation), the inspector's own or a
        generated one when none is given. *tolerance* replaces the scheme's own. On a *strict* endpoint only
        verified callbacks count, with *strict_path* only those to its URL itself and none to a path below it.
        Raises InvalidInput for what the server cannot take, Conflict for a path that is taken.
        """
        given = _several(self._secret if secret is None and scheme != "none" else secret)
        wanted: Json = {
            "name": (name or "")[:NAME_CHARACTERS],
            "path": path or _random_path(name),
            "scheme": scheme,
            "cors": cors,
        }
        if scheme_options is not None:
            wanted["scheme_options"] = scheme_options
        if tolerance is not None:
            wanted["tolerance_seconds"] = round(seconds_of(tolerance, "tolerance", zero=True))
        if public_url is not None:
            wanted["public_url"] = public_url
        if given:
            wanted["secret"] = given[0]
        elif scheme != "none":
            wanted["generate_secret"] = True
        client = self._client()
        made = client.send("POST", "/api/endpoints", wanted)
        watched = Watched(
            id=made["id"],
            path=made["path"],
            name=made["name"],
            url=made["url"],
            page_url=f"{self.inspector_url}?endpoint={made['id']}",
            made_at=datetime.now(UTC),
            strict=strict,
            strict_path=strict_path,
        )
        endpoint = Endpoint(
            self,
            watched,
            secret=given[0] if given else made.get("secret"),
            scheme=scheme,
            scheme_options=scheme_options,
        )
        self._endpoints[watched.id] = endpoint
        for further in given[1:]:
            client.send("POST", f"/api/endpoints/{watched.id}/secrets", {"secret": further})
        return endpoint

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything that came to any endpoint of the server, oldest first."""
        client = self._client()
        paths = {each["id"]: each["path"] for each in client.get("/api/endpoints")["endpoints"]}
        return list(Log(client, self.url, None, paths).after(0))

    def close(self) -> None:
        """Stop the server that was started, or leave the one connected to without the endpoints made here."""
        if self._closed:
            return
        atexit.unregister(self.close)
        try:
            for endpoint in list(self._endpoints.values()):
                endpoint.close("its inspector was closed")
                if not self._owned:
                    self._remove(endpoint)
        finally:
            self._closed = True
            self._closing.close()

    def wait_seconds(self, given: Duration | None, name: str = "timeout", *, zero: bool = False) -> float:
        """How long a wait takes that was *given* so long as its *name*. Raises TypeError, ValueError."""
        seconds = self._waiting.seconds if given is None else seconds_of(given, name, zero=zero)
        return seconds * self._waiting.scale

    def _client(self) -> Client:
        if self._closed:
            raise OutOfUse("This inspector was closed.")
        return Client(self.inspector_url, self._token)

    def _remove(self, endpoint: Endpoint) -> None:
        try:
            self._client().send("DELETE", f"/api/endpoints/{endpoint.id}")
        except InspectorError:
            # It is gone, or the server is: either way nothing of it is left there.
            return

    def _end(self, watched: Watched) -> None:
        """Note that the test of an endpoint is over: what comes there from now on is late."""
        self._surroundings.ended[watched.id] = Ended(watched.name or watched.path, datetime.now(UTC))


def _several(secret: str | Sequence[str] | None) -> list[str]:
    given = [secret] if isinstance(secret, str) else secret
    if given is None:
        return []
    if not isinstance(given, Sequence) or not all(isinstance(each, str) for each in given):
        raise TypeError("secret must be text, or a sequence of texts")
    return list(given)


def _port(port: int, name: str) -> int:
    if isinstance(port, bool) or not isinstance(port, int):
        raise TypeError(f"{name} must be a whole number, not {port!r}")
    if not 0 <= port <= LAST_PORT:
        raise ValueError(f"{name} must be 0 (any that is free) to {LAST_PORT}, not {port}")
    return port


def _random_path(name: str | None) -> str:
    slug = _NOT_IN_SLUG.sub("-", name or "").strip("-.")[:SLUG_CHARACTERS].rstrip("-.")
    token = secrets.token_hex(8)
    return f"/{slug}-{token}" if slug else f"/{token}"
