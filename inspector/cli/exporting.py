"""``export``: many deliveries as one file, credentials left out unless asked for."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import loads
from pathlib import Path

import click

from inspector.cli.filters import filter_argument
from inspector.cli.options import STANDARD_STREAM, source_options
from inspector.cli.reading import endpoint_option
from inspector.cli.source import reading_source
from inspector.cli.terminal import counted, note, safe_text
from inspector.errors import NotFound

FORMATS = ("har", "jsonl")
SHOWN_NAMES = 10

Write = Callable[[bytes], object]


@click.command()
@filter_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="HAR 1.2, or JSON Lines.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=STANDARD_STREAM,
    help="File to write, whole or not at all. [default: stdout]",
)
@endpoint_option
@click.option("--reveal", is_flag=True, help="Leave credentials in.")
@source_options
def export(
    wanted: str | None,
    form: str,
    output: Path,
    endpoint: str | None,
    reveal: bool,
    url: str | None,
    db: str | None,
    token_file: Path | None,
) -> None:
    """Write deliveries to stdout or a file, oldest first: all of them, or those that FILTER means.

    Credentials in headers and query are masked. Bodies are written as they are.
    """
    masked: Counter[str] = Counter()
    exported = 0
    # A bar on the terminal that the data goes to would be in its way.
    hidden = not sys.stderr.isatty() or (output == STANDARD_STREAM and sys.stdout.isatty())
    with reading_source(url, db, token_file) as source, _writing(output) as write:
        total = 0 if hidden else source.count(wanted, endpoint=endpoint)["count"]
        with click.progressbar(
            length=total, label="Exporting", show_pos=True, hidden=hidden, file=sys.stderr
        ) as bar:
            for piece in source.archive(form, wanted, endpoint=endpoint, reveal=reveal):
                write(piece)
                names = _masked(piece)
                if names is not None:
                    exported += 1
                    masked.update(set(names))
                    bar.update(1)
    note(f"Exported {counted(exported)}.")
    if masked:
        note(f"Masked: {_listed(masked)}. --reveal leaves credentials in.")


def _masked(piece: bytes) -> list[str] | None:
    """The names of what was masked in the delivery that *piece* holds, None when it holds none."""
    try:
        record = loads(piece.strip(b",\n"))
    except ValueError:
        return None  # where the file begins or ends
    return [str(name) for name in record.get("_inspector", record).get("masked", ())]


def _listed(masked: Counter[str]) -> str:
    named = [f"{name} ({counted(number)})" for name, number in masked.most_common(SHOWN_NAMES)]
    more = len(masked) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")


@contextmanager
def _writing(output: Path) -> Iterator[Write]:
    """What writes to *output*: stdout or a device as it comes; a file is there once it is whole."""
    path = output.resolve()
    if output == STANDARD_STREAM:
        yield _write_to_stdout
        sys.stdout.flush()
    elif path.exists() and not path.is_file():
        with path.open("wb") as device:
            yield device.write
    else:
        if not path.parent.is_dir():
            raise NotFound(f"--output: there is no folder {path.parent}.")
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with unfinished.open("wb") as file:
                yield file.write
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _write_to_stdout(piece: bytes) -> None:
    """The exact bytes, or what a terminal may get of them."""
    if sys.stdout.isatty():
        click.echo(safe_text(piece.decode("ascii"), lines=True), nl=False)
    else:
        sys.stdout.buffer.write(piece)
