"""``docs/wire.md`` has every flag with the product's own sentence, every limit as it is set, and no other."""

from __future__ import annotations

from pathlib import Path

from inspector.content.wire_flags import WIRE_FLAGS
from inspector.receive.wire import malformed
from inspector.receive.wire.chunks import MOST_TRAILER_BYTES
from inspector.server import KEEP_ALIVE_SECONDS
from inspector.settings import KIB, Limits

MALFORMED = Path(malformed.__file__).read_text("utf-8")
PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text("utf-8")


def test_every_flag_has_its_row() -> None:
    rows = [f"| `{code}` | {sentence} |" for code, sentence in WIRE_FLAGS.items()]
    shown = PAGE.partition("| flag | means |\n| --- | --- |\n")[2].partition("\n\n")[0].split("\n")
    assert shown == rows, "\n".join(rows)


def test_every_limit_is_the_one_that_is_set() -> None:
    limits = Limits()
    for what, value in {
        "head": f"{limits.head_bytes // KIB} KiB",
        "time for a head": f"{limits.head_seconds:g} s",
        "time without a byte of a body": f"{limits.body_idle_seconds:g} s",
        "time for a whole request": f"{limits.request_seconds:g} s",
        "idle connection": f"{KEEP_ALIVE_SECONDS} s",
        "connections to the callback port": str(limits.callback_connections),
        "connections to the inspector's port": str(limits.inspector_connections),
        "trailers": f"{MOST_TRAILER_BYTES // KIB} KiB",
    }.items():
        assert f"| {what} | {value} |" in PAGE


def test_reasons_that_are_quoted_are_given() -> None:
    quoted = [line[3:-1] for line in PAGE.splitlines() if line.startswith('* "')]
    assert quoted
    assert [reason for reason in quoted if reason not in MALFORMED] == []
