"""How deliveries, endpoints and secrets look in a terminal. Every captured value passes ``safe_text``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from inspector.cli.terminal import console, counted, safe_text
from inspector.client import Json
from inspector.content.raw_http import flag_sentence
from inspector.models import Framing, VerificationStatus

if TYPE_CHECKING:
    from rich.text import Text

STATUS_STYLES: dict[str, str] = {
    VerificationStatus.VALID: "green",
    VerificationStatus.INVALID: "bold red",
    VerificationStatus.EXPIRED: "yellow",
    VerificationStatus.MALFORMED: "red",
    VerificationStatus.MISSING: "magenta",
    VerificationStatus.UNAVAILABLE: "yellow",
}
"""Colour comes beside the word, never instead of it; a delivery that nobody checked has none."""

SDK_NAMES = (("Python", "python"), ("TypeScript", "typescript"))

DAY_AND_TIME = "%m-%d %H:%M:%S"
"""The form of times in a list, which has no room for the year."""

ELASTIC_COLUMNS = 8
"""What is left at least of a column that gives way."""

KILO = 1000


def size(size_bytes: int) -> str:
    """A number of bytes for people: ``119 B``, ``8.1 kB``."""
    if size_bytes < KILO:
        return f"{size_bytes} B"
    if size_bytes < KILO**2:
        return f"{size_bytes / KILO:.1f} kB"
    return f"{size_bytes / KILO**2:.1f} MB"


def local_time(timestamp: str, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """The API's *timestamp* in the terminal's own time zone, to the second."""
    return datetime.fromisoformat(timestamp).astimezone().strftime(form)


def styled(text: str, style: str = "") -> Text:
    """Captured *text* as one line in *style*."""
    from rich.text import Text

    return Text(safe_text(text), style=style)


def status_word(status: str) -> Text:
    """A verification status in its colour."""
    return styled(status, STATUS_STYLES.get(status, ""))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]], *, elastic: str) -> None:
    """Print *rows*, at least one, under *columns*; on a narrow terminal the column *elastic* gives way."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    lines = [[cell if isinstance(cell, Text) else styled(cell) for cell in row] for row in rows]
    for column, cells in zip(columns, zip(*lines, strict=True), strict=True):
        width = max(len(column), *(cell.cell_len for cell in cells))
        table.add_column(
            column,
            no_wrap=True,
            overflow="ellipsis",
            min_width=ELASTIC_COLUMNS if column == elastic else width,
        )
    for line in lines:
        table.add_row(*line)
    console().print(table)


def print_deliveries(deliveries: Iterable[Json]) -> None:
    """Print a list of summaries as a table."""
    print_table(
        ("ID", "Received", "Method", "Path", "Verification", "Reply", "Size", "Attempt"),
        (
            (
                str(delivery["id"]),
                local_time(delivery["received_at"], DAY_AND_TIME),
                delivery["method"],
                delivery["path"],
                status_word(delivery["verification"]["status"]),
                str(delivery["reply_status"]),
                size(delivery["body_size"]) + ("" if delivery["complete"] else " cut"),
                str(delivery["attempt"]),
            )
            for delivery in deliveries
        ),
        elastic="Path",
    )


def print_delivery_line(delivery: Json) -> None:
    """Print one summary as the line of a stream."""
    from rich.text import Text

    verdict = delivery["verification"]
    line = Text("  ").join(
        (
            styled(f"#{delivery['id']}", "bold"),
            styled(local_time(delivery["received_at"]), "dim"),
            styled(f"{delivery['method']} {delivery['path']}"),
            status_word(verdict["status"]),
            styled(f"{delivery['reply_status']}  {size(delivery['body_size'])}"),
        )
    )
    if delivery["attempt"] > 1:
        line.append_text(styled(f"  attempt {delivery['attempt']}"))
    if verdict["status"] != VerificationStatus.VALID:
        line.append_text(styled(f"  {verdict['reason']}", "dim"))
    console().print(line, soft_wrap=True)


def print_delivery(delivery: Json) -> None:
    """Print a whole delivery down to where its body begins: the verdict and why, reply, headers."""
    from rich.text import Text

    show = console()
    show.print(styled(f"#{delivery['id']}  {delivery['method']} {delivery['path']}", "bold"), soft_wrap=True)
    for label, value in _facts(delivery):
        show.print(Text.assemble((f"{label:14}", "dim"), value), soft_wrap=True)
    for title, pairs in (("Headers", delivery["headers"]), ("Trailers", delivery["trailers"])):
        if pairs:
            show.print(styled(f"{title} ({len(pairs)})", "bold"), soft_wrap=True)
            print_headers(pairs)
    cut = "" if delivery["complete"] else ", cut off before its end"
    show.print(styled(f"Body ({size(delivery['body_size'])}{cut})", "bold"), soft_wrap=True)


def print_headers(pairs: Iterable[tuple[str, str]]) -> None:
    """Print header fields, a line for each."""
    from rich.text import Text

    for name, value in pairs:
        line = Text.assemble("  ", styled(name, "cyan"), ": ", styled(value))
        console().print(line, soft_wrap=True)


def _facts(delivery: Json) -> Iterable[tuple[str, Text]]:
    verdict, reply = delivery["verification"], delivery["reply"]
    yield "Received", styled(f"{local_time(delivery['received_at'])} from {delivery['client']}")
    yield "Endpoint", styled(delivery["endpoint_id"])
    yield "Verification", status_word(verdict["status"])
    yield "", styled(verdict["reason"])
    yield "", styled(_verdict_facts(verdict))
    for warning in verdict["warnings"]:
        yield "Warning", styled(warning, "yellow")
    if "sdk" in verdict:
        answers = (f"{name} {'accepts' if verdict['sdk'][key] else 'refuses'} it" for name, key in SDK_NAMES)
        yield "Blaxel's SDKs", styled(", ".join(answers))
    yield "Reply", styled(", ".join(_reply_words(reply)))
    yield "Framing", styled(_framing(delivery))
    for code in delivery["flags"]:
        yield "On the wire", styled(f"{code}: {flag_sentence(code)}")
    if asked := delivery.get("handshake"):
        yield "Handshake", styled(asked["reason"])
        for line in (asked["todo"], asked["link"], asked["token"]):
            if line:
                yield "", styled(line)
    if delivery["message_id"]:
        yield "Message", styled(f"{delivery['message_id']}, attempt {delivery['attempt']}")
    if delivery["note"]:
        yield "Note", styled(delivery["note"])


def _framing(delivery: Json) -> str:
    """How the end of the body was told."""
    if delivery["framing"] == Framing.CHUNKED:
        return f"chunked, in {counted(delivery['chunks'], 'chunk', 'chunks')}"
    return {None: "not known", Framing.NONE: "no body announced"}.get(
        delivery["framing"], "by Content-Length"
    )


def _reply_words(reply: Json) -> Iterable[str]:
    yield str(reply["status"] or "none")
    script = reply["script"]
    if script is not None:
        yield f"entry {script['entry']} of the script"
        if script["fault"]:
            yield f"with the fault {script['fault']}"
        if script["held_seconds"] is not None:
            yield f"held for {script['held_seconds']:.1f} s"
    if not reply["completed"] and not (script and script["fault"]):
        yield "held" if script and script["held_seconds"] is None else "not sent to its end"


def _verdict_facts(verdict: Json) -> str:
    """The facts behind a status, in one line."""
    facts = [f"scheme {verdict['scheme']}", f"signature {verdict['signature'].replace('_', ' ')}"]
    facts.append(f"timestamp {verdict['timestamp'].replace('_', ' ')}")
    if verdict["age_seconds"] is not None:
        age = verdict["age_seconds"]
        facts.append(f"{age} s old" if age >= 0 else f"{-age} s in the future")
    if verdict["secret"]:
        facts.append(f"secret {verdict['secret']}")
    return ", ".join(facts)


def print_endpoints(endpoints: Iterable[Json]) -> None:
    """Print endpoints as a table."""
    print_table(
        ("ID", "Path", "Scheme", "Secrets", "Reply", "Deliveries", "Callback URL"),
        (
            (
                endpoint["id"],
                endpoint["path"],
                endpoint["scheme"],
                ", ".join(secret["name"] for secret in endpoint["secrets"]) or "none",
                str(endpoint["reply"]["status"]),
                str(endpoint["deliveries"]),
                endpoint["url"],
            )
            for endpoint in endpoints
        ),
        elastic="Callback URL",
    )


def print_secrets(secrets: Iterable[Json]) -> None:
    """Print what is known of secrets as a table; their values are known to nobody."""
    print_table(
        ("Endpoint", "Name", "From", "Fingerprint", "Added"),
        (
            (
                secret["endpoint"],
                secret["name"],
                f"variable {secret['env']}" if secret["source"] == "env" else secret["source"],
                secret["fingerprint"] or "not set",
                local_time(secret["created_at"]),
            )
            for secret in secrets
        ),
        elastic="Endpoint",
    )
