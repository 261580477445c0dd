"""The ways to put timestamp, id, URL and body together before signing, likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from inspector.models import Message
from inspector.signing.scheme import HeaderName, Part, Scheme

_TIMESTAMP_NAME = re.compile(rb"(.*[-_])?(timestamp|time|date|ts)")
_ID_NAME = re.compile(
    rb"(.*[-_])?(webhook|svix|msg|message|event|delivery|transmission|request)[-_]?(id|guid)|.*-delivery"
)
_TIMESTAMP_VALUE = re.compile(rb"\d{9,19}(\.\d+)?|\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:?\d\d)")

Content = tuple[Part | bytes | HeaderName, ...]


def is_timestamp(header: HeaderName) -> bool:
    """Whether a header's name says that it holds a time."""
    return _TIMESTAMP_NAME.fullmatch(header.own.lower().encode("latin-1")) is not None


class Layout(NamedTuple):
    """A way to build what is signed: a cause's code, words behind "signed over", the template."""

    code: str
    words: str
    content: Content


def layouts(message: Message, scheme: Scheme) -> Iterator[Layout]:
    """The layouts that *message* has the parts for, without that of *scheme*."""
    seen = {scheme.content}
    for code, words, content in _every(message, scheme):
        if content not in seen:
            seen.add(content)
            yield Layout(f"content_{code}", words, content)


def _every(message: Message, scheme: Scheme) -> Iterator[tuple[str, str, Content]]:
    body = Part.BODY
    yield "body_only", "the body alone", (body,)
    times, ids = _timestamps(message, scheme), _ids(message, scheme)
    for ts in times:
        yield "ts_dot_body", "timestamp.body, as Stripe does", (ts, b".", body)
        yield "ts_colon_body", "timestamp:body", (ts, b":", body)
        yield "ts_body", "the timestamp directly before the body", (ts, body)
        yield "v0_ts_body", "v0:timestamp:body, as Slack does", (b"v0:", ts, b":", body)
        yield "body_ts", "the body directly before the timestamp", (body, ts)
        yield "body_dot_ts", "body.timestamp", (body, b".", ts)
        yield "ts_newline_body", "timestamp and body on lines of their own", (ts, b"\n", body)
        for each in ids:
            yield (
                "id_dot_ts_dot_body",
                "id.timestamp.body, as Standard Webhooks",
                (each, b".", ts, b".", body),
            )
            yield "ts_dot_id_dot_body", "timestamp.id.body", (ts, b".", each, b".", body)
            yield "id_ts_body", "id, timestamp and body, one behind the other", (each, ts, body)
        if message.url is not None:
            yield "method_url_body_ts", "method, URL, body, timestamp", (Part.METHOD, Part.URL, body, ts)
            yield "ts_url_body", "timestamp, URL, body", (ts, Part.URL, body)
        yield "ts_only", "the timestamp alone", (ts,)
    for each in ids:
        yield "id_dot_body", "id.body", (each, b".", body)
        yield "id_body", "the id directly before the body", (each, body)
    if message.url is not None:
        yield "url_body", "the URL directly before the body", (Part.URL, body)
        yield "body_url", "the body directly before the URL", (body, Part.URL)
        yield "method_url_body", "method, URL, body", (Part.METHOD, Part.URL, body)
        yield "url_only", "the URL alone", (Part.URL,)
    yield "body_sha256", "the SHA-256 of the body in hex", (Part.BODY_SHA256,)


def _timestamps(message: Message, scheme: Scheme) -> Sequence[Part | HeaderName]:
    """Where a timestamp stands: the scheme's own place, else headers that look like one."""
    if scheme.timestamp is not None:
        return [Part.TIMESTAMP]
    return [
        HeaderName(name.decode("latin-1"))
        for name, value in message.headers
        if name.isascii() and _TIMESTAMP_NAME.fullmatch(name.lower()) and _TIMESTAMP_VALUE.fullmatch(value)
    ][:2]


def _ids(message: Message, scheme: Scheme) -> Sequence[Part | HeaderName]:
    if scheme.covers(Part.ID):
        return [Part.ID]
    return [
        HeaderName(name.decode("latin-1"))
        for name, value in message.headers
        if value and name.isascii() and _ID_NAME.fullmatch(name.lower())
    ][:2]
