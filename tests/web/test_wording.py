"""How facts are worded on the page: sizes, ages, days, paths."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.models import VerificationStatus
from inspector.web import wording


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (0, "0 B"),
        (347, "347 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (8123, "8.1 kB"),
        (9949, "9.9 kB"),
        (9960, "10 kB"),
        (11_400, "11 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (10 * 1024 * 1024, "10 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_sizes(bytes_: int, words: str) -> None:
    assert wording.size(bytes_) == words


@given(st.integers(0, 10**14))
def test_every_size_fits_its_column(bytes_: int) -> None:
    assert len(wording.size(bytes_)) <= len("999 kB")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (50_400, "14 h"),
        (86_400, "1 d"),
    ],
)
def test_ages(seconds: float, words: str) -> None:
    assert wording.age(seconds) == words


def test_times_are_utc_to_the_millisecond() -> None:
    moment = datetime(2026, 11, 5, 9, 40, 55, 318_999, tzinfo=UTC)
    assert wording.moment(moment) == "5 Nov 2026, 09:40:55.318 UTC"
    assert wording.iso(moment) == "2026-11-05T09:40:55.318Z"


def test_days() -> None:
    today = date(2026, 11, 25)
    assert wording.day(today, today) == ""
    assert wording.day(today - timedelta(days=1), today) == "Yesterday, 24 November"
    assert wording.day(today - timedelta(days=2), today) == "Monday, 23 November"
    assert wording.day(date(2025, 12, 31), today) == "Wednesday, 31 December 2025"


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/", ("", "/")),
        ("/github", ("", "/github")),
        ("/webhooks/stripe/eu", ("/webhooks/stripe", "/eu")),
        ("/agents/hello/", ("/agents", "/hello/")),
        ("/a/b?next=/c/d", ("/a", "/b?next=/c/d")),
        ("*", ("", "*")),
        ("", ("", "")),
    ],
)
def test_the_last_segment_of_a_path_stays(target: str, parts: tuple[str, str]) -> None:
    assert wording.split_path(target) == parts


@given(st.text())
def test_no_part_of_a_path_is_lost(target: str) -> None:
    assert "".join(wording.split_path(target)) == target


def test_every_verdict_has_a_word_and_a_glyph() -> None:
    assert set(wording.VERDICTS) == set(VerificationStatus)
    assert len({verdict.word for verdict in wording.VERDICTS.values()}) == len(wording.VERDICTS)
    assert len({verdict.glyph for verdict in wording.VERDICTS.values()}) == len(wording.VERDICTS)
