"""The page on schemes of one's own: its listing works, and its table names every key."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from inspector.errors import InvalidInput
from inspector.models import Message, Secret
from inspector.signing import Schemes, check, sign_message

PAGE = (Path(__file__).parents[2] / "docs" / "own-schemes.md").read_text("utf-8")


def test_the_listing_signs_and_verifies() -> None:
    [listing] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    schemes = Schemes(tomllib.loads(listing)["schemes"])
    headers = sign_message(Message(b"{}", ()), schemes.find("acme"), "secret", timestamp=1000)
    message = Message(b"{}", tuple((name.encode(), value.encode()) for name, value in headers))
    for name in ("acme", "auto"):
        verdict = check(message, schemes.find(name), [Secret("s", "secret")], now=1000)
        assert verdict, verdict.reason
        assert verdict.scheme == "acme"


def test_the_table_names_the_keys_that_there_are() -> None:
    keys = re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)
    samples = {"header": "X-A", "timestamp_header": "X-T", "id_header": "X-I", "content": "{body}"}
    words = {"hash": "sha1", "encoding": "hex", "key": "text", "timestamp_unit": "ms", "prefix": "v1="}
    assert set(keys) == samples.keys() | words.keys()
    assert Schemes({"mine": {**samples, **words}}).find("mine").hash == "sha1"
    with pytest.raises(InvalidInput, match="no such option"):
        Schemes({"mine": {"header": "X", "separator": ","}})
