"""A request that somebody wrote down: what the readers of raw HTTP, curl commands and archives give."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.models import HeaderPairs, Request, header_values

NOBODY = "file"
LOCAL_NAMES = ("localhost", "127.", "[::1]", "0.0.0.0")  # noqa: S104  # recognised, never bound


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """A request with the full ``url`` it was written for, None where that is not known.

    ``received_ns`` of the request is 0 when the text tells no time, which ``dated`` says. ``notes`` are
    sentences on what had to be guessed.
    """

    request: Request
    url: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        return self.request.received_ns > 0


def written(
    method: str,
    target: bytes,
    headers: HeaderPairs,
    body: bytes,
    *,
    version: str = "1.1",
    incomplete_reason: str | None = None,
) -> Request:
    """A request that nobody received: without sender and time."""
    return Request(method, target, version, headers, body, NOBODY, 0, incomplete_reason=incomplete_reason)


def url_of(target: bytes, headers: HeaderPairs) -> str | None:
    """The URL that a sender calls with *target* and these *headers*; None when no host is named.

    Neither tells http from https: a name of this machine is taken for the former, any other for the latter.
    """
    text = target.decode("latin-1")
    if "://" in text.partition("?")[0]:
        return text
    hosts = header_values(headers, b"host")
    if not hosts or not text.startswith("/"):
        return None
    host = hosts[0].decode("latin-1")
    return f"{'http' if host.startswith(LOCAL_NAMES) else 'https'}://{host}{text}"
