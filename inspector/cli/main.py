"""The command: its verbs, and the one place where errors become messages and exit codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from inspector import __version__
from inspector.cli import (
    comparing,
    completion,
    deleting,
    endpoints,
    exporting,
    importing,
    reading,
    running,
    schemes,
    secrets,
    sending,
    status,
    tail,
    verify,
    waiting,
)
from inspector.cli.exits import ExitCode, exit_code
from inspector.cli.serve import serve
from inspector.cli.terminal import abandon_stdout, prepare_streams, safe_text
from inspector.errors import InspectorError

NAME = "callback-inspector"


class Verbs(click.Group):
    """The verbs, for each of which a reader that goes away (``| head``) is a good end."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would make a failure of it
            abandon_stdout()


@click.group(NAME, cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
def group() -> None:
    """Receive signed callbacks, keep them byte for byte, and say why a signature fails."""


group.add_command(serve)
group.add_command(running.run)
group.add_command(tail.tail)
group.add_command(tail.tail, "listen")
group.add_command(waiting.wait)
group.add_command(reading.list_deliveries)
group.add_command(reading.show)
group.add_command(comparing.diff)
group.add_command(sending.send)
group.add_command(sending.send, "trigger")
group.add_command(verify.verify)
group.add_command(schemes.schemes)
group.add_command(deleting.delete)
group.add_command(exporting.export)
group.add_command(importing.import_file)
group.add_command(endpoints.endpoints)
group.add_command(secrets.secrets)
group.add_command(status.open_page)
group.add_command(status.status)
group.add_command(completion.completion)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (the process's own when None) and return the exit code."""
    prepare_streams()
    try:
        ended = group.main(arguments, prog_name=NAME, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except InspectorError as error:
        click.echo(f"Error: {safe_text(str(error), lines=True)}", err=True)
        return exit_code(error)
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except OSError as error:
        click.echo(
            f"Error: {safe_text(f'{error.filename}: {error.strerror}' if error.filename else str(error))}",
            err=True,
        )
        return ExitCode.USAGE
    # Verbs return nothing; one that ends with a code of its own leaves by its context's exit().
    return ExitCode.OK if ended is None else int(ended)
