"""The URLs that a sender may have signed, when the receiver knows itself by another: likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit

from inspector.models import HeaderPairs, header_values

_PORT = re.compile(r"[0-9]{1,5}")
_PORTS = {"http": 80, "https": 443}


class UrlVariant(NamedTuple):
    """A URL to try: a cause's code, what differs in words, the URL."""

    code: str
    words: str
    url: str


def url_variants(url: str, headers: HeaderPairs) -> Iterator[UrlVariant]:
    """What the sender may have signed in place of *url*, by itself and by what a proxy left in *headers*."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no URL at all
        return
    seen = {url}
    for code, words, each in _every(parts, headers):
        text = each if isinstance(each, str) else each.geturl()
        if text not in seen:
            seen.add(text)
            yield UrlVariant(code, words, text)


def _every(parts: SplitResult, headers: HeaderPairs) -> Iterator[tuple[str, str, SplitResult | str]]:
    original = _before_rewriting(parts, headers)
    proxied = [pair for each in dict.fromkeys((original, parts)) for pair in _behind_proxy(each, headers)]
    if original != parts:
        proxied.append(("with the path before it was rewritten", original))
    for words, each in proxied:
        yield "url_proxy", words, each
    yield from _slipped(parts)
    other = "http" if parts.scheme == "https" else "https"
    for each in _with_ports(parts._replace(scheme=other)):
        yield "url_scheme", f"with {other} and {each.netloc}", each
    for words, proxy in proxied[:2]:
        for _, slip, slipped in _slipped(proxy):
            yield "url_proxy", f"{words}, {slip}", slipped


def _behind_proxy(parts: SplitResult, headers: HeaderPairs) -> Iterator[tuple[str, SplitResult]]:
    """The URL as it was before the proxy, by the headers that it left."""
    forwarded = _forwarded(headers)
    proto = _first(headers, b"x-forwarded-proto") or _first(headers, b"x-forwarded-protocol")
    if not proto and _first(headers, b"x-forwarded-ssl") == "on":
        proto = "https"
    proto = (proto or forwarded.get("proto", "")).lower()
    if proto not in _PORTS:
        proto = ""
    host = (
        _first(headers, b"x-forwarded-host") or _first(headers, b"x-original-host") or forwarded.get("host")
    )
    port = _first(headers, b"x-forwarded-port")
    named = _first(headers, b"host")
    if proto or host:
        scheme, netloc = proto or parts.scheme, host or parts.netloc
        yield "as the proxy was asked", parts._replace(scheme=scheme, netloc=netloc)
        if _PORT.fullmatch(port) and ":" not in netloc and int(port) != _PORTS.get(scheme):
            yield (
                "as the proxy was asked, with its port",
                parts._replace(scheme=scheme, netloc=f"{netloc}:{port}"),
            )
        if not proto:
            yield "as the proxy was asked, by https", parts._replace(scheme="https", netloc=netloc)
        if not host and named:
            yield "as the proxy was asked, by the Host header", parts._replace(scheme=scheme, netloc=named)
        prefix = _first(headers, b"x-forwarded-prefix").rstrip("/")
        if prefix:
            longer = parts._replace(scheme=scheme, netloc=netloc, path=prefix + parts.path)
            yield "as the proxy was asked, with its prefix", longer
    if named and named != parts.netloc:
        yield "by the Host header", parts._replace(netloc=named)
        yield "by the Host header and https", parts._replace(scheme="https", netloc=named)


def _before_rewriting(parts: SplitResult, headers: HeaderPairs) -> SplitResult:
    """The URL with the path and query that a proxy says it was asked for."""
    original = _first(headers, b"x-original-url") or _first(headers, b"x-original-uri")
    if not original.startswith("/"):
        return parts
    path, _, query = original.partition("?")
    return parts._replace(path=path, query=query)


def _first(headers: HeaderPairs, name: bytes) -> str:
    """The first element of the first header *name*: proxies append, so that is the client's side."""
    values = header_values(headers, name)
    return values[0].decode("latin-1").partition(",")[0].strip() if values else ""


def _forwarded(headers: HeaderPairs) -> dict[str, str]:
    """The parameters of RFC 7239's Forwarded header, first element."""
    found = {}
    for pair in _first(headers, b"forwarded").split(";"):
        name, _, value = pair.partition("=")
        found[name.strip().lower()] = value.strip().strip('"')
    return found


def _slipped(parts: SplitResult) -> Iterator[tuple[str, str, SplitResult | str]]:
    """The URL with one small thing otherwise."""
    other = "http" if parts.scheme == "https" else "https"
    yield "url_scheme", f"with {other}", parts._replace(scheme=other)
    for each in _with_ports(parts):
        yield "url_port", f"with the host as {each.netloc}", each
    if parts.path.endswith("/"):
        yield "url_trailing_slash", "without its final slash", parts._replace(path=parts.path[:-1])
    else:
        yield "url_trailing_slash", "with a final slash", parts._replace(path=f"{parts.path}/")
    if parts.query:
        yield "url_query", "without its query", parts._replace(query="")
    if parts.fragment:
        yield "url_fragment", "without its fragment", parts._replace(fragment="")
    yield "url_encoding", "with its percent escapes undone", unquote(parts.geturl())
    yield (
        "url_encoding",
        "with its path percent-encoded",
        parts._replace(path=quote(unquote(parts.path), errors="replace")),
    )
    if parts.hostname:
        bare = parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}"
        yield "url_host", f"with the host as {bare}", parts._replace(netloc=bare)
        yield "url_host", "with the host in lower case", parts._replace(netloc=parts.netloc.lower())
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    yield "url_path_only", "as path and query alone", target


def _with_ports(parts: SplitResult) -> Iterator[SplitResult]:
    """The URL without its port, or with the port that its scheme implies."""
    host = parts.netloc.rpartition("@")[2]
    name, colon, port = host.rpartition(":")
    if colon and _PORT.fullmatch(port):
        yield parts._replace(netloc=name)
    elif parts.scheme in _PORTS:
        yield parts._replace(netloc=f"{host}:{_PORTS[parts.scheme]}")
