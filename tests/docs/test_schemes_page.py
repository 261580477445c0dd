"""The page on schemes says what the catalogue says."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from inspector.signing import Scheme, find_scheme, scheme_names
from inspector.signing.scheme_page import page

PAGE = Path(__file__).parents[2] / "docs" / "schemes.md"
ROWS = [find_scheme(name) for name in scheme_names() if name not in ("auto", "none")]


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), (
        "write it anew: python -m inspector.signing.scheme_page > docs/schemes.md"
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.name))
def test_every_scheme_has_its_part(row: Scheme) -> None:
    text = PAGE.read_text("utf-8")
    part = text.partition(f"### {row.name}\n")[2].partition("\n### ")[0]
    for wanted in (row.signature.header.own, row.signature.in_body, row.key_note, row.docs_url, *row.caveats):
        assert (wanted or "") in part


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.name))
def test_every_row_says_whose_it_is_and_where_that_is_written(row: Scheme) -> None:
    assert row.sender
    assert row.signs
    if row.name != "hmac":
        address = urlsplit(row.docs_url or "")
        assert (address.scheme, bool(address.hostname)) == ("https", True)


def test_what_is_weak_or_left_uncovered_is_said() -> None:
    for row in ROWS:
        said = " ".join(row.caveats)
        if row.hash == "sha1":
            assert "SHA-1" in said, row.name
        if row.timestamp is None and row.name != "hmac":
            assert any(words in said for words in ("sent again", "covers nothing")), row.name
        if not row.covered:
            assert "covers nothing" in said, row.name
