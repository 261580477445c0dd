"""HAR and JSON Lines, out and in again: what was exported comes back as it was."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.requests import delivery, request

from inspector.content.export import export_delivery
from inspector.content.har import har_document, har_entry
from inspector.content.importing import Imported, read_archive
from inspector.content.masking import mask_request
from inspector.errors import InvalidInput
from inspector.models import Delivery, Framing, Reply, Request

BASE = "http://localhost:2255/"
BYTES = st.binary(max_size=20)
REQUESTS = st.builds(
    lambda body, pairs, target, method: replace(
        request(body, method=method, target=b"/" + target), headers=tuple(pairs)
    ),
    st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8")),
    st.lists(st.tuples(BYTES.filter(lambda name: not name.startswith(b":")), BYTES), max_size=5),
    BYTES,
    st.text(alphabet="ABCxyz-_", min_size=1, max_size=8),
)
WIRES = st.fixed_dictionaries(
    {
        "received_ns": st.integers(0, 2**60),
        "head": BYTES,
        "framing": st.sampled_from(Framing),
        "chunks": st.integers(0, 2**60),
        "flags": st.lists(st.sampled_from(["obs-fold", "http-1.0", "lf"]), unique=True).map(tuple),
    }
)


def archive(kept: Delivery, form: str) -> bytes:
    return export_delivery(kept, form, BASE, version="1.2.3", reveal=True).content


@pytest.mark.parametrize("form", ["har", "jsonl"])
@given(received=REQUESTS, wire=WIRES, note=st.text(max_size=20), pinned=st.booleans())
def test_a_delivery_survives_the_way_out_and_in(
    form: str, received: Request, wire: dict[str, Any], note: str, pinned: bool
) -> None:
    received = replace(received, **wire)
    [found] = read_archive(archive(delivery(received, note=note, pinned=pinned), form))
    assert found == Imported(received, note, pinned)


@pytest.mark.parametrize("form", ["har", "jsonl"])
def test_trailers_and_incomplete_bodies_survive_too(form: str) -> None:
    received = replace(request(b"x", target=b"*", incomplete_reason="cut off"), trailers=((b"X-T", b"\xff"),))
    [found] = read_archive(archive(delivery(received), form))
    assert found.request == received


def entry(received: Request, reply: Reply | None = None) -> dict[str, Any]:
    loaded = json.loads(archive(delivery(received, reply=reply), "har"))
    assert loaded["log"]["version"] == "1.2"
    assert loaded["log"]["creator"] == {"name": "Callback Inspector", "version": "1.2.3"}
    first: dict[str, Any] = loaded["log"]["entries"][0]
    return first


def test_an_archive_has_what_the_format_asks_for() -> None:
    received = request(
        b'{"a":"\xc3\xa9"}', "application/json", ("X-A", "1"), ("x-a", "2"), target=b"/h?a=%20&a=2"
    )
    found = entry(received, Reply(404, (("Location", "/x"), ("Content-Type", "text/plain")), b"no"))
    assert found["startedDateTime"] == "2026-11-25T12:00:00.123456Z"
    assert found["time"] == 500
    assert found["request"]["url"] == "http://localhost:2255/h?a=%20&a=2"
    assert found["request"]["queryString"] == [{"name": "a", "value": " "}, {"name": "a", "value": "2"}]
    assert [(pair["name"], pair["value"]) for pair in found["request"]["headers"]][1:] == [
        ("X-A", "1"),
        ("x-a", "2"),
    ]
    assert found["request"]["postData"] == {"mimeType": "application/json", "text": '{"a":"é"}'}
    assert found["response"]["statusText"] == "Not Found"
    assert found["response"]["redirectURL"] == "/x"
    assert found["response"]["content"] == {"size": 2, "mimeType": "text/plain", "text": "no"}
    for part in ("request", "response"):
        assert {"cookies", "headers", "headersSize", "bodySize", "httpVersion"} <= found[part].keys()
    assert {"cache", "timings"} <= found.keys()


def test_bytes_that_are_not_utf_8_are_base64() -> None:
    assert entry(request(b"\xff\0"))["request"]["postData"] == {
        "mimeType": "",
        "text": "/wA=",
        "encoding": "base64",
    }


def test_several_entries_make_one_document() -> None:
    kept = [delivery(request(b"1")), delivery(request(b"2"))]
    entries = [har_entry(one, mask_request(one.request), BASE) for one in kept]
    assert [found.request.body for found in read_archive("".join(har_document(entries, "0")).encode())] == [
        b"1",
        b"2",
    ]
    assert list(read_archive("".join(har_document([], "0")).encode())) == []


def test_replies_and_lists_of_what_was_masked_are_exported_masked() -> None:
    received = request(b"", None, ("Authorization", "Bearer canary"))
    reply = Reply(200, (("Set-Cookie", "session=canary; Path=/"),))
    for form in ("har", "jsonl"):
        text = export_delivery(delivery(received, reply=reply), form, BASE).text
        assert "canary" not in text
        assert '"masked": ["Authorization"]' in text


def browser_entry(**fields: object) -> bytes:
    sent = {
        "method": "POST",
        "url": "https://example.test/é?a=b c#part",
        "httpVersion": "h2",
        "headers": [],
    } | fields
    return json.dumps(
        {"log": {"entries": [{"startedDateTime": "2026-01-01T01:00:00+01:00", "request": sent}]}}
    ).encode()


def test_archives_of_browsers_are_read() -> None:
    headers = [{"name": ":path", "value": "/"}, {"name": "A", "value": "é€"}, {"name": "B", "value": "é"}]
    params = [{"name": "a", "value": "b c"}, {"name": "d", "value": "&"}]
    [found] = read_archive(browser_entry(headers=headers, postData={"mimeType": "x", "params": params}))
    assert found.request.target == b"/%C3%A9?a=b%20c"
    assert found.request.headers == ((b"A", "é€".encode()), (b"B", b"\xe9"))
    assert found.request.body == b"a=b+c&d=%26"
    assert found.request.received_at.isoformat() == "2026-01-01T00:00:00+00:00"
    [empty] = read_archive(browser_entry(url="https://example.test"))
    assert (empty.request.target, empty.request.body) == (b"/", b"")


def test_what_else_an_archive_holds_is_passed_over() -> None:
    archive = json.loads(browser_entry())
    [found] = archive["log"].pop("entries")
    others = {"pages": [{"log": {"entries": []}}], "browser": {"name": "x"}}
    log = others | archive["log"] | {"entries": [found, found]} | {"comment": "after"}
    data = json.dumps({"comment": {"log": 1}, "log": log, "more": [1]}, indent=1).encode("utf-8")
    assert len(list(read_archive(b"\xef\xbb\xbf\r\n" + data))) == 2
    assert list(read_archive(json.dumps({"log": others}).encode())) == []


def test_an_archive_that_was_cut_off_gives_what_came_before() -> None:
    whole = "".join(
        har_document([har_entry(delivery(request(b"1")), mask_request(request()), BASE)] * 2, "0")
    )
    records = read_archive(whole[: whole.rindex("startedDateTime") + 30].encode())
    assert next(records).request.method == "POST"
    with pytest.raises(InvalidInput, match="entry 2"):
        next(records)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "neither a HAR file nor JSON Lines"),
        (b"[]", "neither a HAR file nor JSON Lines"),
        (b'{"log": 1}', "log must be an object"),
        (b'{"log": {"entries": [1]}}', "entries must be a list of objects"),
        (b'{"log": {"entries": [{"request": {}}]}}', "entry 1, request: method must be a string"),
        (b'{"method": "POST"}', "line 1: path must be a string"),
        (b"{}", "line 1: method must be a string"),
        (b'{"a":' * 100_000, "line 1 is not a JSON object"),
        (b'{"method":"A","path":"/","received_at":"x"}', "received_at must be a time in ISO 8601"),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","body_base64":"?"}',
            "body_base64 must be base64",
        ),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","headers":[["a"]]}',
            "a list of [name, value]",
        ),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","flags":["Not a code"]}',
            "flags must be a list of codes",
        ),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","framing":"x"}',
            "framing must be one of none, content-length, chunked",
        ),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","chunks":-1}',
            "chunks must be a whole number",
        ),
        (
            b'{"method":"A","path":"/","received_at":"2026-01-01","head_base64":"="}',
            "head_base64 must be base64",
        ),
    ],
)
def test_a_file_that_cannot_be_understood_says_where(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(read_archive(data))
    assert caught.value.errors[0].field == "file"
    assert message in str(caught.value)


def test_the_nanoseconds_count_only_where_they_are_of_the_same_time() -> None:
    line = json.loads(archive(delivery(request()), "jsonl"))
    line["received_ns"] += 10**9
    [found] = read_archive(json.dumps(line).encode())
    assert found.request.received_ns == line["received_ns"] - 10**9


def test_records_before_a_bad_one_are_given() -> None:
    good = archive(delivery(request(b"1")), "jsonl")
    records = read_archive(good + b"\n" + good + b"oops\n")
    assert [next(records).request.body, next(records).request.body] == [b"1", b"1"]
    with pytest.raises(InvalidInput, match="line 4"):
        next(records)


@given(
    data=st.binary(max_size=80) | st.text(alphabet='{"log:[]},entriesquhd1\n', max_size=80).map(str.encode)
)
def test_no_file_raises_anything_else(data: bytes) -> None:
    with suppress(InvalidInput):
        list(read_archive(data))
