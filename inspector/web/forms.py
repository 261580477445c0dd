"""Form posts of the page, turned into the same fields that the API takes as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from inspector.web.reading import WHOLE_NUMBER

REPLY = "reply."
OPTION = "scheme_options."
ASKS_CORS = "asks_cors"
"""Stands unseen in the form that has the box ``cors``: in the others its absence means nothing."""

BOXES = ("reject_invalid", "cors", ASKS_CORS)
WITH_OPTIONS = "hmac"
"""The scheme that takes options."""


def endpoint_fields(form: Mapping[str, str]) -> dict[str, object]:
    """The fields of an endpoint form, to be read by :mod:`inspector.web.reading`.

    Inputs are named like the API's fields: ``path``, ``name``, ``scheme``, ``public_url``, ``handshake``,
    ``verify_token``, ``tolerance_seconds``, ``reject_invalid`` and ``cors`` (checkboxes), ``reply.status``,
    ``reply.headers`` (one ``Name: value`` a line), ``reply.body``, ``reply.delay_seconds``,
    ``scheme_options.KEY``, and ``secret``, ``secret_env``, ``generate_secret`` (a checkbox). What is left
    empty is not given; an unchecked box is not sent at all and means no.
    """
    fields: dict[str, object] = {"reject_invalid": "reject_invalid" in form}
    if ASKS_CORS in form:
        fields["cors"] = "cors" in form
    reply: dict[str, object] = {}
    options: dict[str, object] = {}
    for name, value in form.items():
        if name.startswith(REPLY):
            reply.update(_reply_field(name.removeprefix(REPLY), value))
        elif name.startswith(OPTION):
            if value:
                options[name.removeprefix(OPTION)] = value
        elif name == "tolerance_seconds":
            fields[name] = number_or_text(value) if value.strip() else None
        elif name in ("public_url", "verify_token"):
            fields[name] = value.strip() or None
        elif name == "generate_secret":
            fields[name] = True
        elif name in ("secret", "secret_env", "path"):
            if value:
                fields[name] = value
        elif name not in BOXES:
            fields[name] = value
    if reply:
        fields["reply"] = reply
    if any(name.startswith(OPTION) for name in form):
        # When another scheme is chosen, the inputs of the options are hidden but still filled in.
        fields["scheme_options"] = options if form.get("scheme") == WITH_OPTIONS else {}
    return fields


def secret_fields(form: Mapping[str, str]) -> dict[str, object]:
    """The fields of a form that adds a secret: ``name``, ``secret``, ``env``, ``generate`` (a checkbox)."""
    fields: dict[str, object] = {name: value for name, value in form.items() if value}
    if "generate" in fields:
        fields["generate"] = True
    return fields


def _reply_field(name: str, value: str) -> dict[str, object]:
    if name == "headers":
        lines = [line for line in value.splitlines() if line.strip()]
        return {name: [[part.strip() for part in line.split(":", 1)] for line in lines]}
    if name in ("status", "delay_seconds"):
        return {name: number_or_text(value)} if value.strip() else {}
    return {name: value}


def number_or_text(text: str) -> object:
    """*text* as a number; as it is where it is none, so that the reader says what is wrong with it."""
    text = text.strip()
    if WHOLE_NUMBER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
