"""What ``serve`` says once it listens: where to send, where to look, what is checked, where the data is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inspector import __version__
from inspector.models import Addresses, SecretInfo

LABEL_COLUMNS = 16


def welcome(
    addresses: Addresses,
    *,
    secrets: Sequence[SecretInfo],
    database: Path | None,
    public_url: str | None,
    token: str | None,
    secret_env: str,
) -> str:
    """The text for a server at *addresses*. *secrets* are those of ``/``; no *database* is temporary data."""
    where = "in a temporary folder, gone when this stops" if database is None else str(database)
    lines = [
        f"Callback Inspector {__version__}",
        "",
        _labelled("Callback URL", f"{addresses.callback_url}  paste this into the sender, with any path"),
        *([_labelled("Public URL", public_url)] if public_url else []),
        _labelled("Inspector", f"{page_url(addresses, token)}  open this in a browser"),
        _labelled("Verification", *_verification(secrets, secret_env)),
        _labelled("Data", where),
        "",
        f"To be reached from elsewhere, tunnel port {addresses.callback_port} and nothing else:",
        *(f"  {line}" for line in tunnel_lines(addresses.callback_port)),
        f"Never tunnel port {addresses.inspector_port}: it shows everything received to whoever finds it.",
        "",
        "Ctrl-C stops.",
    ]
    return "\n".join(lines)


def page_url(addresses: Addresses, token: str | None) -> str:
    """The link that opens the page, logging in where a token is set: a fragment never leaves the browser."""
    return f"{addresses.inspector_url}login#{token}" if token else addresses.inspector_url


def tunnel_lines(port: int) -> tuple[str, ...]:
    """The commands that make the callback *port* reachable from the internet."""
    return f"cloudflared tunnel --url http://localhost:{port}", f"ngrok http {port}"


def _verification(secrets: Sequence[SecretInfo], secret_env: str) -> list[str]:
    usable = [_described(secret) for secret in secrets if secret.fingerprint is not None]
    unset = [f"{secret.env} is not set" for secret in secrets if secret.fingerprint is None]
    if usable:
        return [f"/ checks with {', '.join(usable + unset)}"]
    because = f" ({', '.join(unset)})" if unset else ""
    return [
        f"/ has no secret yet{because}: callbacks are kept but not verified. Give it one:",
        f"  {secret_env}=… callback-inspector serve",
        "  callback-inspector secrets add /",
    ]


def _described(secret: SecretInfo) -> str:
    origin = f"variable {secret.env or secret.name}" if secret.source == "env" else f"secret {secret.name}"
    return f"{origin} (fingerprint {secret.fingerprint})"


def _labelled(label: str, first: str, *more: str) -> str:
    rest = (f"  {'':{LABEL_COLUMNS}}{line}" for line in more)
    return "\n".join((f"  {label:{LABEL_COLUMNS}}{first}", *rest))
