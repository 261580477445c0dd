"""What callers may ask for: JSON, parameters and forms, with every field that is wrong named."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.errors import InvalidInput, NotFound
from inspector.models import Endpoint, Reply
from inspector.web import forms, reading

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ENDPOINT = Endpoint(id="e1", path="/a", created_at=NOW)


def wrong_fields(function: Any, *arguments: object) -> list[str]:
    """The fields that *function* finds wrong."""
    with pytest.raises(InvalidInput) as caught:
        function(*arguments)
    assert all(error.message for error in caught.value.errors)
    return [error.field for error in caught.value.errors]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"1",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b"{'a': 1}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
        b"{} {}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_strict_json_object_is_refused(body: bytes) -> None:
    assert wrong_fields(reading.json_object, body) == ["body"]


def test_an_empty_body_is_an_empty_object() -> None:
    assert dict(reading.json_object(b"")) == {}
    assert dict(reading.json_object(b" \r\n")) == {}
    assert dict(reading.json_object(b' {"a": [1, null, "\\ud83d\\ude00"]} ')) == {"a": [1, None, "😀"]}


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "1e3", "0x1", "1_0", " 1", "1\n", "1.0", "x", "²", "٣", "9223372036854775808", "9" * 50],
)
def test_what_can_be_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        reading.delivery_id(text)
    assert wrong_fields(reading.cursor, {"after": text}) == ["after"]
    assert reading.header_cursor(text) is None


def test_ids_reach_as_far_as_the_table_does() -> None:
    assert reading.delivery_id("9223372036854775807") == 2**63 - 1
    assert reading.cursor({"after": "0"}) == 0
    assert reading.cursor({}) is None


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"limit": "0"}, ["limit"]),
        ({"limit": "501"}, ["limit"]),
        ({"limit": "1000000000"}, ["limit"]),
        ({"limit": "-1"}, ["limit"]),
        ({"limit": ""}, ["limit"]),
        ({"limit": "x", "before": "y"}, ["limit", "before"]),
        ({"before": "1", "after": "1"}, ["after"]),
        ({"after": "id;drop"}, ["after"]),
    ],
)
def test_parameters_of_a_list_out_of_range(query: dict[str, str], wrong: list[str]) -> None:
    assert wrong_fields(reading.listing, query) == wrong


def test_parameters_of_a_list() -> None:
    assert reading.listing({}) == reading.Listing(None, 50, None, None)
    assert reading.listing({"endpoint": "/a", "limit": "500", "after": "0"}) == reading.Listing(
        "/a", 500, None, 0
    )


def test_a_new_endpoint_has_an_unguessable_path_and_waits_for_any_scheme() -> None:
    endpoint, choice = reading.new_endpoint({})
    other, _ = reading.new_endpoint({})
    assert choice is None
    assert endpoint.scheme == "auto"
    assert endpoint.reply == Reply()
    assert len(endpoint.path) == 33
    assert endpoint.path != other.path
    assert endpoint.id != other.id
    assert endpoint.created_at.tzinfo is UTC


def test_a_new_endpoint_with_everything() -> None:
    endpoint, choice = reading.new_endpoint(
        {
            "path": "/hooks/%7Ea/",
            "name": "Höhle",
            "scheme": "hmac",
            "scheme_options": {"header": "X-Sig", "prefix": "v1="},
            "tolerance_seconds": 0,
            "public_url": "https://tunnel.test:8443/hooks?tenant=7",
            "reject_invalid": True,
            "reply": {
                "status": 202,
                "headers": [["X-A", "1"], ["X-A", "2"]],
                "body": "ja\x00é",
                "delay_seconds": 1,
            },
            "secret": "s3cret",
        }
    )
    assert endpoint.path == "/hooks/%7Ea"
    assert endpoint.name == "Höhle"
    assert (endpoint.scheme, dict(endpoint.scheme_options)) == ("hmac", {"header": "X-Sig", "prefix": "v1="})
    assert endpoint.tolerance_seconds == 0
    assert endpoint.public_url == "https://tunnel.test:8443/hooks?tenant=7"
    assert endpoint.reject_invalid
    assert endpoint.reply == Reply(202, (("X-A", "1"), ("X-A", "2")), "ja\x00é".encode(), 1.0)
    assert choice == reading.SecretChoice(value="s3cret")


def test_a_chosen_secret_does_not_appear_in_what_is_printed() -> None:
    _, choice = reading.new_endpoint({"secret": "s3cret"})
    assert "s3cret" not in repr(choice)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"path": "a"}, ["path"]),
        ({"path": ""}, ["path"]),
        ({"path": None}, ["path"]),
        ({"path": "/ü"}, ["path"]),
        ({"path": "/a b"}, ["path"]),
        ({"path": "/a\n"}, ["path"]),
        ({"path": "/a?b"}, ["path"]),
        ({"path": "/a#b"}, ["path"]),
        ({"path": "/" + "a" * 1024}, ["path"]),
        ({"path": ["/a"]}, ["path"]),
        ({"name": "a\x1b[31m"}, ["name"]),
        ({"name": "a\x9b"}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"name": None}, ["name"]),
        ({"scheme": "nobody"}, ["scheme"]),
        ({"scheme": 1}, ["scheme"]),
        ({"scheme": "blaxel", "scheme_options": {"header": "X"}}, ["scheme_options"]),
        ({"scheme_options": []}, ["scheme_options"]),
        ({"tolerance_seconds": -1}, ["tolerance_seconds"]),
        ({"tolerance_seconds": 1.5}, ["tolerance_seconds"]),
        ({"tolerance_seconds": True}, ["tolerance_seconds"]),
        ({"tolerance_seconds": 10**30}, ["tolerance_seconds"]),
        ({"tolerance_seconds": "300"}, ["tolerance_seconds"]),
        ({"public_url": "tunnel.test"}, ["public_url"]),
        ({"public_url": "ftp://tunnel.test"}, ["public_url"]),
        ({"public_url": "https://"}, ["public_url"]),
        ({"public_url": "https://u:p@tunnel.test"}, ["public_url"]),
        ({"public_url": "https://tunnel.test:x"}, ["public_url"]),
        ({"public_url": "https://[::1"}, ["public_url"]),
        ({"public_url": "https://tunnel.test/#a"}, ["public_url"]),
        ({"public_url": "https://tünnel.test"}, ["public_url"]),
        ({"public_url": ""}, ["public_url"]),
        ({"reject_invalid": "yes"}, ["reject_invalid"]),
        ({"reject_invalid": 1}, ["reject_invalid"]),
        ({"handshake": "nobody"}, ["handshake"]),
        ({"handshake": None}, ["handshake"]),
        ({"verify_token": 1}, ["verify_token"]),
        ({"reply": None}, ["reply"]),
        ({"reply": {"status": 99}}, ["reply.status"]),
        ({"reply": {"status": 199}}, ["reply.status"]),
        ({"reply": {"status": 600}}, ["reply.status"]),
        ({"reply": {"status": "200"}}, ["reply.status"]),
        ({"reply": {"headers": {"a": "b"}}}, ["reply.headers"]),
        ({"reply": {"headers": [["a"]]}}, ["reply.headers"]),
        ({"reply": {"headers": [["a", 1]]}}, ["reply.headers"]),
        ({"reply": {"headers": [["a", "b\r\nX: y"]]}}, ["reply.headers"]),
        ({"reply": {"headers": [["Content-Length", "5"]]}}, ["reply.headers"]),
        ({"reply": {"status": 204, "body": "x"}}, ["reply.body"]),
        ({"reply": {"body_base64": "%"}}, ["reply.body_base64"]),
        ({"reply": {"body_base64": "ü"}}, ["reply.body_base64"]),
        ({"reply": {"body": "a", "body_base64": "YQ=="}}, ["reply.body_base64"]),
        ({"reply": {"delay_seconds": -1}}, ["reply.delay_seconds"]),
        ({"reply": {"delay_seconds": 1e9}}, ["reply.delay_seconds"]),
        ({"reply": {"delay_seconds": 10**400}}, ["reply.delay_seconds"]),
        ({"reply": {"delay_seconds": json.loads("1e999")}}, ["reply.delay_seconds"]),
        ({"reply": {"cookies": 1}}, ["reply.cookies"]),
        ({"secret": "a", "generate_secret": True}, ["generate_secret"]),
        ({"secret": "a", "secret_env": "B"}, ["secret_env"]),
        ({"secret_env": "no name"}, ["secret_env"]),
        ({"secret_env": ""}, ["secret_env"]),
        ({"generate_secret": "yes"}, ["generate_secret"]),
        ({"id": "x"}, ["id"]),
        ({"cors": "yes"}, ["cors"]),
        ({"path": "a", "colour": 1, "reply": {"status": 1000}}, ["path", "reply.status", "colour"]),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_what_an_endpoint_cannot_be(values: dict[str, object], wrong: list[str]) -> None:
    assert wrong_fields(reading.new_endpoint, values) == wrong


def test_a_change_replaces_the_named_fields_whole_and_no_others() -> None:
    before = replace(
        ENDPOINT,
        name="n",
        tolerance_seconds=60,
        public_url="https://a.test",
        reply=Reply(201, (("X-A", "1"),), b"b", 1.0),
    )
    assert reading.changed_endpoint({}, before) == before
    after = reading.changed_endpoint(
        {"tolerance_seconds": None, "public_url": None, "reply": {"status": 204}}, before
    )
    assert after == replace(before, tolerance_seconds=None, public_url=None, reply=Reply(204))
    assert wrong_fields(reading.changed_endpoint, {"secret": "a"}, before) == ["secret"]


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, ["secret"]),
        ({"name": "a/b", "secret": "x"}, ["name"]),
        ({"name": ".", "secret": "x"}, ["name"]),
        ({"name": "", "secret": "x"}, ["name"]),
        ({"name": "a" * 65, "secret": "x"}, ["name"]),
        ({"secret": "x", "env": "Y"}, ["env"]),
        ({"env": "Y", "generate": True}, ["generate"]),
        ({"generate": False}, ["secret"]),
        ({"env": "1X"}, ["env"]),
        ({"secret": 5}, ["secret"]),
        ({"secret": "x" * 4097}, ["secret"]),
        ({"secret_env": "Y"}, ["secret", "secret_env"]),
    ],
)
def test_what_a_secret_cannot_be(values: dict[str, object], wrong: list[str]) -> None:
    assert sorted(set(wrong_fields(reading.new_secret, values))) == sorted(set(wrong))


def test_notes_and_pins() -> None:
    assert reading.delivery_changes({}) == (None, None)
    assert reading.delivery_changes({"note": "a\nb\t", "pinned": False}) == ("a\nb\t", False)
    assert wrong_fields(reading.delivery_changes, {"note": "\x1b", "pinned": 1, "id": 2}) == [
        "note",
        "pinned",
        "id",
    ]
    assert wrong_fields(reading.delivery_changes, {"note": "x" * 10_001}) == ["note"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "path",
        "name",
        "scheme",
        "scheme_options",
        "tolerance_seconds",
        "public_url",
        "reject_invalid",
        "handshake",
        "verify_token",
        "reply",
        "secret",
        "secret_env",
        "generate_secret",
        "note",
    ]
)


@settings(deadline=None)
@given(values=st.dictionaries(FIELDS, JSON_VALUES, max_size=5))
def test_no_json_makes_reading_fail_otherwise(values: dict[str, object]) -> None:
    for function in (reading.new_endpoint, reading.new_secret, reading.delivery_changes):
        with suppress(InvalidInput):
            function(values)


@settings(deadline=None)
@given(body=st.binary(max_size=60))
def test_no_bytes_make_reading_fail_otherwise(body: bytes) -> None:
    with suppress(InvalidInput):
        reading.json_object(body)


def test_a_form_says_the_same_as_json() -> None:
    form = {
        "path": "/a",
        "name": "n",
        "scheme": "hmac",
        "scheme_options.header": "X-Sig",
        "scheme_options.prefix": "",
        "tolerance_seconds": " 60 ",
        "public_url": "",
        "handshake": "off",
        "verify_token": " ",
        "reject_invalid": "on",
        "reply.status": "201",
        "reply.headers": "X-A: 1\r\n\r\nX-B:  two: 2 \r\n",
        "reply.body": "a\r\nb",
        "reply.delay_seconds": "0.5",
        "secret": "",
        "secret_env": "",
        "generate_secret": "on",
    }
    assert forms.endpoint_fields(form) == {
        "path": "/a",
        "name": "n",
        "scheme": "hmac",
        "scheme_options": {"header": "X-Sig"},
        "tolerance_seconds": 60,
        "public_url": None,
        "handshake": "off",
        "verify_token": None,
        "reject_invalid": True,
        "reply": {
            "status": 201,
            "headers": [["X-A", "1"], ["X-B", "two: 2"]],
            "body": "a\r\nb",
            "delay_seconds": 0.5,
        },
        "generate_secret": True,
    }
    endpoint, choice = reading.new_endpoint(forms.endpoint_fields(form))
    assert endpoint.reply.status == 201
    assert choice == reading.SecretChoice(generate=True)


def test_an_empty_form_is_an_endpoint_with_the_defaults() -> None:
    form = {
        "path": "",
        "name": "",
        "scheme": "auto",
        "tolerance_seconds": "",
        "secret": "",
        "reply.status": "",
    }
    endpoint, choice = reading.new_endpoint(forms.endpoint_fields(form))
    assert choice is None
    assert len(endpoint.path) == 33
    assert replace(endpoint, id="e1", path="/a", created_at=NOW) == ENDPOINT


def test_a_form_is_refused_with_the_names_of_its_own_inputs() -> None:
    form = {
        "path": "x",
        "tolerance_seconds": "soon",
        "reply.status": "99",
        "reply.headers": "no colon",
        "scheme_options.hash": "md4",
        "scheme": "hmac",
    }
    assert wrong_fields(reading.new_endpoint, forms.endpoint_fields(form)) == [
        "path",
        "tolerance_seconds",
        "reply.status",
        "reply.headers",
        "scheme_options.hash",
    ]


def test_a_form_for_a_secret() -> None:
    assert forms.secret_fields({"name": "", "secret": "", "env": "", "generate": "on"}) == {"generate": True}
    assert forms.secret_fields({"name": "old", "secret": " x "}) == {"name": "old", "secret": " x "}
