"""``inspector.verify`` and ``inspector.sign`` as a program calls them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

import inspector
from inspector.errors import InvalidInput
from inspector.signing import find_scheme

NOW = 1_735_891_210
BODY = b'{"status_code":200}'
SECRET = "secret"
SIGNED = inspector.sign(BODY, SECRET, timestamp=NOW)


class TestArguments:
    @pytest.mark.parametrize(
        "headers",
        [
            SIGNED,
            dict(SIGNED),
            tuple(SIGNED),
            [[name, value] for name, value in SIGNED],
            [(name.encode(), value.encode()) for name, value in SIGNED],
            {name.lower().encode(): value for name, value in SIGNED},
            Headers(dict(SIGNED)),
            iter(SIGNED),
        ],
        ids=["list", "dict", "tuple", "lists", "bytes", "mixed", "starlette", "iterator"],
    )
    def test_headers(self, headers: Any) -> None:
        assert inspector.verify(BODY, headers, SECRET, now=NOW)

    @pytest.mark.parametrize(
        ("secret", "name"),
        [
            (SECRET, "key-1"),
            (["other", SECRET], "key-2"),
            (("other", "third", SECRET), "key-3"),
            ({"old": "other", "current": SECRET}, "current"),
        ],
    )
    def test_secret(self, secret: str | list[str] | Mapping[str, str], name: str) -> None:
        assert inspector.verify(BODY, SIGNED, secret, now=NOW).secret == name

    @pytest.mark.parametrize(
        "now",
        [
            NOW,
            NOW + 0.9,
            datetime.fromtimestamp(NOW, UTC),
            datetime.fromtimestamp(NOW, timezone(timedelta(hours=5, minutes=30))),
        ],
    )
    def test_now(self, now: float | datetime) -> None:
        verdict = inspector.verify(BODY, SIGNED, SECRET, now=now)
        assert verdict
        assert verdict.age_seconds == 0
        assert inspector.sign(BODY, SECRET, timestamp=now) == SIGNED

    def test_without_now_it_is_this_moment(self) -> None:
        assert inspector.verify(BODY, inspector.sign(BODY, SECRET), SECRET)
        assert inspector.verify(BODY, SIGNED, SECRET).status == "expired"

    @pytest.mark.parametrize("body", [bytearray(BODY), memoryview(BODY)])
    def test_body_of_another_bytes_type(self, body: Any) -> None:
        assert inspector.verify(body, SIGNED, SECRET, now=NOW)

    def test_scheme_is_a_name_or_a_row(self) -> None:
        for scheme in ("blaxel", find_scheme("blaxel")):
            assert inspector.verify(BODY, SIGNED, SECRET, scheme=scheme, now=NOW)


class TestWrongTypes:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"body": "text"},
            {"body": None},
            {"headers": "X-Blaxel-Signature: 1"},
            {"headers": None},
            {"headers": 7},
            {"headers": [("one", "two", "three")]},
            {"headers": ["ab"]},
            {"headers": {"X-Blaxel-Signature": ["list"]}},
            {"headers": {1: "value"}},
            {"secret": None},
            {"secret": b"bytes"},
            {"secret": [b"bytes"]},
            {"secret": {"name": None}},
            {"secret": {1: "value"}},
            {"secret": {SECRET}},
            {"scheme": None},
            {"scheme": b"blaxel"},
            {"method": None},
            {"url": b"https://example.com"},
            {"now": "1735891210"},
            {"now": True},
            {"now": datetime.fromisoformat("2025-01-03T00:00:00")},
            {"tolerance": "300"},
        ],
        ids=repr,
    )
    def test_verify_raises_type_error(self, wrong: dict[str, Any]) -> None:
        good: dict[str, Any] = {"body": BODY, "headers": SIGNED, "secret": SECRET}
        with pytest.raises(TypeError):
            inspector.verify(**{**good, **wrong})

    @pytest.mark.parametrize(
        "wrong",
        [{"body": "text"}, {"secret": [SECRET]}, {"timestamp": "now"}, {"message_id": 7}, {"scheme": 7}],
        ids=repr,
    )
    def test_sign_raises_type_error(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(TypeError):
            inspector.sign(**{"body": BODY, "secret": SECRET, **wrong})

    def test_numbers_that_are_no_time_raise_value_error(self) -> None:
        for wrong in (float("nan"), float("inf")):
            with pytest.raises(ValueError, match="now"):
                inspector.verify(BODY, SIGNED, SECRET, now=wrong)
        with pytest.raises(ValueError, match="tolerance"):
            inspector.verify(BODY, SIGNED, SECRET, now=NOW, tolerance=float("nan"))

    def test_a_scheme_that_does_not_exist(self) -> None:
        with pytest.raises(InvalidInput) as caught:
            inspector.verify(BODY, SIGNED, SECRET, scheme="blaxl")
        assert [error.field for error in caught.value.errors] == ["scheme"]


class TestContentNeverRaises:
    @settings(deadline=None)
    @given(
        body=st.binary(max_size=20),
        headers=st.dictionaries(
            st.text(st.characters(exclude_categories=[]), max_size=12)
            | st.sampled_from(["X-Blaxel-Signature", "X-Blaxel-Timestamp", "svix-signature"]),
            st.text(st.characters(exclude_categories=[]), max_size=40) | st.binary(max_size=40),
            max_size=4,
        ),
        secret=st.text(st.characters(exclude_categories=[]), max_size=12),
        url=st.none() | st.text(st.characters(exclude_categories=[]), max_size=12),
        now=st.integers(-(10**12), 10**12),
    )
    def test_of_any_text(
        self, body: bytes, headers: dict[str, str | bytes], secret: str, url: str | None, now: int
    ) -> None:
        assert not inspector.verify(body, headers, secret, url=url, now=now)


class TestSign:
    @pytest.mark.parametrize(
        ("arguments", "field"),
        [
            ({"secret": ""}, "secret"),
            ({"secret": "whsec_!", "scheme": "svix"}, "secret"),
            ({"secret": SECRET, "scheme": "auto"}, "scheme"),
            ({"secret": SECRET, "scheme": "none"}, "scheme"),
            ({"secret": SECRET, "scheme": "nobody"}, "scheme"),
            ({"secret": SECRET, "scheme": "github", "message_id": "a\r\nX-Other: b"}, "message_id"),
            ({"secret": SECRET, "scheme": find_scheme("hmac", {"content": "{url}{body}"})}, "url"),
        ],
    )
    def test_what_cannot_be_signed_names_the_argument(self, arguments: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            inspector.sign(BODY, **arguments)
        assert [error.field for error in caught.value.errors] == [field]

    def test_an_id_is_made_up_and_differs_each_time(self) -> None:
        secret = "whsec_c3RhbmRhcmQtd2ViaG9va3MtbG9jYWwta2V5LTAxMjM="
        ids = {dict(inspector.sign(BODY, secret, scheme="svix"))["svix-id"] for _ in range(20)}
        assert len(ids) == 20

    def test_published_values_of_others_come_out(self) -> None:
        github = inspector.sign(b"Hello, World!", "It's a Secret to Everybody", scheme="github")
        assert github == [
            (
                "X-Hub-Signature-256",
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
            )
        ]
        standard = inspector.sign(
            b'{"test": 2432232314}',
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            scheme="standard-webhooks",
            timestamp=1614265330,
            message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        )
        assert dict(standard)["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_importing_the_package_costs_nothing() -> None:
    """No module of ours but the package itself is loaded before a name is used."""
    code = (
        "import sys, inspector;"
        "loaded = {name for name in sys.modules if name.startswith('inspector.')};"
        "assert not loaded, loaded;"
        "assert inspector.__version__ and callable(inspector.verify);"
        "assert 'inspector.signing' in sys.modules;"
        "assert not {'starlette', 'uvicorn', 'sqlite3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("name", ["nothing_like_it", "signed"])
def test_unknown_names_are_attribute_errors(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(inspector, name)
    assert set(dir(inspector)) >= {"verify", "sign", "__version__"}
