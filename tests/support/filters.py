"""Random deliveries and random filters that concern each other: both are made of the same few texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote_plus

from hypothesis import strategies as st

from inspector.matching import Condition, Filter
from inspector.matching.glob import Glob, Wild
from inspector.matching.reading import parse_json, readings, text_of
from inspector.matching.tree import (
    NAMED,
    BodyText,
    Flag,
    Moment,
    Named,
    Number,
    Status,
    Test,
    Text,
    Word,
)
from inspector.models import (
    Delivery,
    HeaderPairs,
    Reply,
    Request,
    SentReply,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
)

NOON = datetime(2025, 11, 25, 12, tzinfo=UTC)
NOON_NS = int(NOON.timestamp()) * 1_000_000_000
ENDPOINT_PATHS = {"ep_root": "/", "ep_agents": "/agents", "ep_deep": "/agents/deep/one"}
"""The endpoints that exist, by id. Deliveries may also stand under ``ep_gone``."""

FRAGMENTS = (
    "a", "A", "b", "refund", "100%_off", "%", "_", "*", '"', "'", "\\", "-", ":", " ", ".", "0", "1", "1.0",
    "é", "É", "ß", "SS", "\u017f", "\u212a", "\u0130", "\x00", "\n", "\ud800", "😀", "status:", "json.a", "/",
    "?", "&", "=", "+", "%41", "true", "null", "x-kind", "application/json", ";", "k", ", ", "[", "u00e9",
)  # fmt: skip
NAMES = ("a", "b", "A", "x-kind", "X-Kind", "content-type", "a.b", "a b", "é", "0", "1", "", "K")

texts = st.lists(st.sampled_from(FRAGMENTS), max_size=4).map("".join)
words = texts.filter(bool)
chunks = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    texts.map(lambda text: text.encode("latin-1", "replace")),
    st.binary(max_size=6),
)

globs = st.lists(st.one_of(st.sampled_from(Wild), texts), max_size=5).map(Glob.of)
names = st.one_of(st.sampled_from(NAMES), texts)
moments = st.integers(-3_000_000, 3_000_000).map(
    lambda microseconds: NOON + timedelta(microseconds=microseconds)
)


@st.composite
def numbers(draw: st.DrawFn) -> Number:
    field = draw(st.sampled_from(("reply", "size", "id", "attempt")))
    around = {"reply": 400, "size": 20, "id": 3, "attempt": 2}[field]
    bound = st.one_of(st.integers(0, around * 2), st.just(10**18 - 1))
    low, high = draw(bound), draw(bound)
    low, high = min(low, high), max(low, high)
    return draw(
        st.sampled_from(
            (
                Number(field, low, high),
                Number(field, low, None),
                Number(field, None, high),
                Number(field, low, low),
                Number("reply", 400, 499),
                Number(field, None, -1),
            )
        )
    )


text_fields = st.sampled_from(("method", "path", "endpoint", "scheme", "content_type", "message"))
known_texts = st.sampled_from(
    (
        "post",
        "POST",
        "/agents",
        "/agents/deep/one",
        "ep_agents",
        "ep_gone",
        "blaxel",
        "application/json",
        "msg-1",
    )
)
named = st.one_of(
    st.builds(
        lambda name, glob: Named("header", ("".join(c.lower() if c.isascii() else c for c in name),), glob),
        names,
        st.none() | globs,
    ),
    st.builds(lambda name, glob: Named("query", (name,), glob), names, st.none() | globs),
    st.builds(
        lambda path, glob: Named("json", tuple(path), glob),
        st.lists(names, min_size=1, max_size=3),
        st.none() | globs,
    ),
)
tests: st.SearchStrategy[Test] = st.one_of(
    texts.map(Word),
    texts.map(BodyText),
    st.sampled_from(VerificationStatus).map(Status),
    st.builds(Flag, st.sampled_from(("verified", "pinned")), st.booleans()),
    numbers(),
    st.builds(Moment, st.sampled_from(("after", "before")), moments),
    st.builds(Text, text_fields, st.one_of(globs, known_texts.map(Glob.literal))),
    named,
)
filters = st.lists(st.builds(Condition, tests, st.booleans()), max_size=4).map(
    lambda found: Filter(tuple(found))
)

json_values: st.SearchStrategy[object] = st.recursive(
    st.one_of(texts, st.sampled_from((None, True, False, 0, 1, 1.0, 10**30))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(names, inner, max_size=3),
        st.dictionaries(names, inner, max_size=3).map(json.dumps),
    ),
    max_leaves=6,
)
bodies = st.one_of(
    chunks,
    json_values.map(lambda value: json.dumps(value).encode()),
    json_values.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")),
    st.sampled_from((b'{"a":1,"a":2}', b'{"a":1.0}', b'{"a":1e400}', b'{"a":NaN}', b"[" * 5000, b'{"a":')),
)


@st.composite
def targets(draw: st.DrawFn) -> bytes:
    path = draw(st.sampled_from((b"/agents", b"/agents/deep/one", b"/", b"*")))
    pairs = draw(st.lists(st.tuples(chunks, chunks), max_size=3))
    tail = b"&".join(name + b"=" + value for name, value in pairs)
    return path + (b"?" + tail if pairs else draw(chunks))


@st.composite
def headers(draw: st.DrawFn) -> HeaderPairs:
    header_names = st.sampled_from((b"X-Kind", b"x-kind", b"Content-Type", b"a", b"\xc3\xa9", b"\xe9"))
    values = st.one_of(st.sampled_from((b"application/json", b"Application/JSON ; charset=utf-8")), chunks)
    return tuple(draw(st.lists(st.tuples(header_names, values), max_size=4)))


@st.composite
def deliveries(draw: st.DrawFn, delivery_id: int = 1) -> Delivery:
    request = Request(
        method=draw(st.sampled_from(("POST", "post", "GET", "PURGE"))),
        target=draw(targets()),
        http_version="1.1",
        headers=draw(headers()),
        body=draw(bodies),
        client="127.0.0.1:50000",
        received_ns=NOON_NS + draw(st.sampled_from((0, 1, -1, 1_000, 10**9, 10**9 + 1))),
    )
    return Delivery(
        id=delivery_id,
        endpoint_id=draw(st.sampled_from((*ENDPOINT_PATHS, "ep_gone"))),
        request=request,
        verification=Verification(
            status=draw(st.sampled_from(VerificationStatus)),
            signature=SignatureState.MATCH,
            timestamp=TimestampState.FRESH,
            scheme=draw(st.sampled_from(("blaxel", "Blaxel", "github", "none"))),
            reason="",
            cause="",
        ),
        sent=SentReply(Reply(status=draw(st.sampled_from((200, 204, 400, 401, 499, 500))))),
        message_id=draw(st.none() | st.sampled_from(("msg-1", "MSG-1", "é"))),
        attempt=draw(st.integers(1, 3)),
        note="",
        pinned=draw(st.booleans()),
        revision=0,
    )


# Conditions about one delivery: made of what stands in it, so that most of them hold, or nearly do.


@st.composite
def pieces(draw: st.DrawFn, text: str) -> str:
    """A part of *text*, in some letter case."""
    start = draw(st.integers(0, len(text)))
    part = text[start : start + draw(st.integers(1, 6))]
    return draw(st.sampled_from((part, part.upper(), part.lower(), part.swapcase())))


@st.composite
def patterns(draw: st.DrawFn, text: str) -> Glob:
    """A pattern that fits *text*, or one that only looks like it."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, len(text)))
    wild = draw(st.lists(st.sampled_from(Wild), max_size=1))
    glob = Glob.of((text[:start], *wild, text[end:] if wild else text[start:]))
    return draw(st.sampled_from((glob, glob, Glob.literal(text), Glob.literal(text.swapcase()))))


@st.composite
def texts_of(draw: st.DrawFn, delivery: Delivery) -> Text:
    field = draw(text_fields)
    request = delivery.request
    text = {
        "method": request.method,
        "path": draw(st.sampled_from(readings(request.target))),
        "endpoint": draw(
            st.sampled_from((delivery.endpoint_id, ENDPOINT_PATHS.get(delivery.endpoint_id, "/")))
        ),
        "scheme": delivery.verification.scheme,
        "content_type": draw(st.sampled_from((request.content_type or "", "application/json"))),
        "message": delivery.message_id or "",
    }[field]
    return Text(field, draw(patterns(text)))


@st.composite
def numbers_of(draw: st.DrawFn, delivery: Delivery) -> Number:
    fields = {
        "reply": delivery.sent.reply.status,
        "size": len(delivery.request.body),
        "id": delivery.id,
        "attempt": delivery.attempt,
    }
    field = draw(st.sampled_from(sorted(fields)))
    low = max(fields[field] + draw(st.integers(-1, 1)), 0)
    return draw(
        st.sampled_from((Number(field, low, None), Number(field, None, low), Number(field, low, low)))
    )


@st.composite
def values_of(draw: st.DrawFn, delivery: Delivery) -> Named:
    """A condition on one of the delivery's own headers, parameters or JSON values."""
    request = delivery.request
    path: list[str] = []
    kind = draw(st.sampled_from(NAMED))
    if kind == "header":
        name, value = draw(st.sampled_from(request.headers or ((b"a", b""),)))
        path = [draw(st.sampled_from(readings(name.lower())))]
        text = draw(st.sampled_from(readings(value)))
    elif kind == "query":
        pair = draw(st.sampled_from(request.target.partition(b"?")[2].split(b"&")))
        name, _, value = pair.partition(b"=")
        path, text = [unquote_plus(text_of(name))], unquote_plus(text_of(value))
    else:
        node = parse_json(decoded(request.body))
        while isinstance(node, (tuple, list)) and node and (not path or draw(st.booleans())):
            at = draw(st.integers(0, len(node) - 1))
            step, node = node[at] if isinstance(node, tuple) else (str(at), node[at])
            path.append(step)
        path, text = path or ["a"], node if isinstance(node, str) else ""
    return Named(kind, tuple(path), draw(st.none() | patterns(text)))


@st.composite
def conditions_of(draw: st.DrawFn, delivery: Delivery) -> Condition:
    """A condition that has much to do with *delivery*."""
    request = delivery.request
    lines = [name + b": " + value for name, value in request.headers]
    place = draw(st.sampled_from((request.body, request.body, request.target, *lines)))
    moment = datetime.fromtimestamp(request.received_ns // 1_000_000_000, UTC)
    test = draw(
        st.one_of(
            pieces(draw(st.sampled_from(readings(place)))).map(Word),
            pieces(draw(st.sampled_from(readings(request.body)))).map(BodyText),
            st.just(Status(delivery.verification.status)),
            st.builds(Flag, st.sampled_from(("verified", "pinned")), st.booleans()),
            st.builds(Moment, st.sampled_from(("after", "before")), st.just(moment)),
            numbers_of(delivery),
            texts_of(delivery),
            texts_of(delivery),
            values_of(delivery),
            values_of(delivery),
        )
    )
    return Condition(test, draw(st.booleans()))


def decoded(body: bytes) -> str | None:
    """The body's text as these tests have it: UTF-8 or nothing."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def plain_delivery(delivery_id: int, body: bytes) -> Delivery:
    """A verified POST with *body* and nothing remarkable about it."""
    return Delivery(
        id=delivery_id,
        endpoint_id="ep_root",
        request=Request(
            "POST", b"/hook", "1.1", ((b"Host", b"localhost"),), body, "127.0.0.1:50000", NOON_NS
        ),
        verification=Verification(
            status=VerificationStatus.VALID,
            signature=SignatureState.MATCH,
            timestamp=TimestampState.FRESH,
            scheme="blaxel",
            reason="",
            cause="",
        ),
        sent=SentReply(Reply()),
        message_id=None,
        attempt=1,
        note="",
        pinned=False,
        revision=0,
    )
