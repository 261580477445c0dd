"""Login: who knows the token, where one is set.

Programs send it as ``Authorization: Bearer``. A browser gives it once, by POST to ``/login``, and then
holds a session cookie that is derived from the token, so that the token itself is neither stored in the
browser nor sent again. The cookie's name carries the port, since cookies are shared by all ports of a host.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import deque
from collections.abc import Callable

from inspector.admission import RawHeaders, Refusal

FAILURES = 5
FAILURE_WINDOW_SECONDS = 10.0
"""So many wrong tokens within so many seconds, from anywhere, are borne; then all have to wait."""

PROOFS = (b"authorization", b"api-key")
"""Headers that programs send the token in; the second is what webhook.site's API asks for."""


class Login:
    """The token of one inspector and what proves it. *clock* counts seconds, monotonic."""

    def __init__(self, token: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._token = token.encode()
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self.cookie_name = f"callback_inspector_{port}"
        self.session = hmac.new(self._token, f"inspector session {port}".encode(), hashlib.sha256).hexdigest()

    def judge(self, headers: RawHeaders) -> Refusal | None:
        """None when the headers prove the token, by cookie or by value; else why not. Never raises."""
        if self.knows(headers):
            return None
        given = [_given(name.lower(), value) for name, value in headers if name.lower() in PROOFS]
        if len(given) != 1 or given[0] is None:
            return Refusal(
                401,
                "token-missing",
                "Rule Token: this inspector was started with a token. Log in at /login, or send the header "
                "Authorization: Bearer TOKEN. On loopback a server started without --token-file and "
                "CALLBACK_INSPECTOR_TOKEN asks for none.",
                {"WWW-Authenticate": "Bearer"},
            )
        return self.attempt(given[0])

    def knows(self, headers: RawHeaders) -> bool:
        """Whether the headers hold a session of ours."""
        return any(self._is_session(value) for name, value in headers if name.lower() == b"cookie")

    def attempt(self, token: bytes) -> Refusal | None:
        """None when *token* is the right one; else why not. Wrong ones count against the limit."""
        now = self._clock()
        if len(self._failures) == FAILURES and now - self._failures[0] < FAILURE_WINDOW_SECONDS:
            wait_seconds = int(FAILURE_WINDOW_SECONDS - (now - self._failures[0])) + 1
            return Refusal(
                429,
                "too-many-attempts",
                f"Too many wrong tokens; try again in {wait_seconds} s.",
                {"Retry-After": str(wait_seconds)},
            )
        if hmac.compare_digest(token, self._token):
            return None
        self._failures.append(now)
        return Refusal(
            401,
            "token-wrong",
            "Rule Token: that is not the token of this inspector. It is what --token-file or "
            "CALLBACK_INSPECTOR_TOKEN gave at its start, or what it printed.",
            {"WWW-Authenticate": "Bearer"},
        )

    def set_cookie(self) -> str:
        """The value of the ``Set-Cookie`` that starts a session; it ends with the browser."""
        return f"{self.cookie_name}={self.session}; Path=/; HttpOnly; SameSite=Strict"

    def _is_session(self, cookies: bytes) -> bool:
        for cookie in cookies.split(b";"):
            name, _, value = cookie.strip().partition(b"=")
            if name == self.cookie_name.encode() and hmac.compare_digest(value, self.session.encode()):
                return True
        return False


def _given(name: bytes, value: bytes) -> bytes | None:
    """The token in a header; None when it holds none."""
    if name == b"api-key":
        return value.strip()
    kind, _, token = value.strip().partition(b" ")
    return token.strip() if kind.lower() == b"bearer" else None


def next_page(asked: str) -> str:
    """Where to go after logging in: *asked* when it is a path of ours, else the first page."""
    is_ours = (
        asked.startswith("/")
        and not asked.startswith(("//", "/\\"))
        and asked.isascii()
        and asked.isprintable()
    )
    return asked if is_ours else "/"
