"""``completion``: the script with which a shell completes verbs, options and their values."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")


@click.command(epilog="For example: source <(callback-inspector completion bash)")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that teaches SHELL to complete this command."""
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    name = root.command.name or ""
    script = get_completion_class(shell)
    assert script is not None
    # The variable is the one that click looks for when the shell asks it.
    click.echo(script(root.command, {}, name, f"_{name.replace('-', '_').upper()}_COMPLETE").source())
