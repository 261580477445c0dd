"""The text of a failed assertion: under 40 lines of plain ASCII, what helps most standing first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from inspector.testing.delivery import Delivery
from inspector.testing.keywords import verdict_text
from inspector.testing.masked import without_credentials
from inspector.testing.match import Judged
from inspector.testing.plain import plain, plain_bytes, plain_lines

MOST_LINES = 38
NEAREST = 3
CHECKS_SHOWN = 6
ROWS_SHOWN = 8
BODY_CHARACTERS = 120
LABEL_CHARACTERS = 12


class Report:
    """A report that grows: a title, then paragraphs, each under a label of one word."""

    def __init__(self, title: str) -> None:
        self._lines = [plain(title, 300)]

    def add(self, label: str, lines: Iterable[str]) -> None:
        """Add *lines* under *label*; further lines stand below the first."""
        for number, line in enumerate(lines):
            head = (label if number == 0 else "").ljust(LABEL_CHARACTERS)
            self._lines.append(f"  {head}{line}".rstrip())

    def __str__(self) -> str:
        lines = self._lines
        if len(lines) > MOST_LINES:
            lines = [*lines[: MOST_LINES - 1], f"  ... {len(lines) - MOST_LINES + 1} more lines"]
        return "\n".join(lines)


def title_line(delivery: Delivery, since: datetime) -> str:
    """A delivery in one line: its number, what was asked of which path, and when that was after *since*."""
    seconds = round((delivery.received_at - since).total_seconds(), 2) + 0.0  # no negative zero
    return f"#{delivery.id} {plain(delivery.method, 20)} {plain(delivery.subpath, 80)} at {seconds:+.2f} s"


def near_miss(judged: Judged, since: datetime, diagnosis: str | None) -> list[str]:
    """A delivery that is not meant: how much of what was wanted it is, and what it lacks."""
    delivery = judged.delivery
    title = title_line(delivery, since)
    if judged.raised is not None:
        raised = f"{type(judged.raised).__name__}: {judged.raised}"
        return [f"{title}: the test's own rule raised", *_below(plain_lines(raised, 3))]
    if judged.only_verdict_failed:
        return [
            f"{title}: everything matches except the signature",
            *_below(verdict_lines(delivery, diagnosis)),
        ]
    failed = judged.failed
    shown = failed[:CHECKS_SHOWN]
    names = max(len(check.condition) for check in shown)
    wanted = min(max(len(check.wanted) for check in shown), 60)
    lines = [
        f"{check.condition.ljust(names)}   wanted {check.wanted.ljust(wanted)}   got {check.got}"
        for check in shown
    ]
    if len(failed) > len(shown):
        lines.append(f"... and {len(failed) - len(shown):,} more that do not hold")
    held = [check.condition for check in judged.checks if check.held]
    if held:
        lines.append(plain(f"{'holds'.ljust(names)}   {', '.join(held)}"))
    holds = "condition holds" if len(judged.checks) == 1 else "conditions hold"
    return [f"{title}: {judged.held} of {len(judged.checks)} {holds}", *_below(lines)]


def verdict_lines(delivery: Delivery, diagnosis: str | None) -> list[str]:
    """Why a signature is not valid: the verdict with its reason, and what the diagnosis found."""
    lines = [verdict_text(delivery)]
    if diagnosis is not None and diagnosis not in delivery.verification.reason:
        lines.extend(plain_lines(diagnosis, 2, 300))
    return lines


def rows(deliveries: Sequence[Delivery], since: datetime) -> list[str]:
    """Deliveries as rows with their verdicts, the first few of them."""
    shown = [f"{title_line(each, since)}  {each.verification.status}" for each in deliveries[:ROWS_SHOWN]]
    more = len(deliveries) - len(shown)
    return [*shown, f"... and {more:,} more"] if more > 0 else shown


def body_line(delivery: Delivery) -> str:
    """A delivery's body in one line, its beginning at most, without what is a credential by its name."""
    text = delivery.text
    if 0 < len(text) <= BODY_CHARACTERS and "\ufffd" not in text:
        return plain(without_credentials(text))
    return plain_bytes(delivery.body)


def came(count: int, matched: int) -> str:
    """How many came, and how many of them were meant."""
    if count == 0:
        return "nothing"
    return f"{count:,} ({matched:,} matched)"


def ranked(judged: Iterable[Judged]) -> list[Judged]:
    """The near misses: those that meet most conditions first, then those that only the signature stood in the
    way of, then the newest."""
    return sorted(
        (each for each in judged if not each.matches),
        key=lambda each: (-each.held, not each.only_verdict_failed, -each.delivery.id),
    )


def _below(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
