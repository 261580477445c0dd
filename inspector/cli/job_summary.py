"""What a run tells GitHub Actions: an error line for each failed expectation, and a table of what came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inspector.cli.terminal import safe_text
from inspector.client import Json

SHOWN_CHARACTERS = 120
PLAIN = frozenset(" /.,=-")
"""What beside letters and digits means nothing in Markdown where it stands in a cell."""


def error_line(message: str) -> str:
    """The workflow command that shows *message* as an error of the job."""
    escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error title=Callback Inspector::{escaped}"


def summary(deliveries: Sequence[Json], total: int, expectations: Iterable[tuple[str, bool]]) -> str:
    """Markdown for the job's page: each expectation with whether it was met, then the *deliveries*."""
    return "\n".join([*_lines(deliveries, total, expectations), ""])


def _lines(deliveries: Sequence[Json], total: int, expectations: Iterable[tuple[str, bool]]) -> Iterator[str]:
    yield "### Callbacks"
    yield ""
    for wanted, met in expectations:
        yield f"- {'met' if met else '**not met**'}: {_cell(wanted)}"
    yield ""
    if not deliveries:
        yield "None came."
        return
    yield "| Id | Method | Path | Verification | Reply | Bytes |"
    yield "| ---: | --- | --- | --- | ---: | ---: |"
    for each in deliveries:
        cells = (
            each["id"],
            each["method"],
            each["path"],
            each["verification"]["status"],
            each["reply_status"] or "none",
            each["body_size"],
        )
        yield f"| {' | '.join(_cell(str(cell)) for cell in cells)} |"
    if total > len(deliveries):
        yield ""
        yield f"{total - len(deliveries):,} older ones are not shown."


def _cell(text: str) -> str:
    """*text*, which a stranger may have written, with nothing in it that Markdown or HTML obeys."""
    shown = safe_text(text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…")
    return "".join(
        character if character.isalnum() or character in PLAIN else f"&#{ord(character)};"
        for character in shown
    )
