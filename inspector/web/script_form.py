"""The form of an endpoint's script: one block of fields for each entry, and an empty one to add another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from inspector.errors import InvalidInput
from inspector.models import Fault
from inspector.receive.scripts import Entry, Script, Use
from inspector.web.endpoint_forms import Form, field_errors
from inspector.web.forms import number_or_text
from inspector.web.representation import planned_reply
from inspector.web.scripting import MOST_ENTRIES, script_entries

FAULTS = (
    (Fault.RESET, "reset the connection"),
    (Fault.CLOSE, "close without a reply"),
    (Fault.TIMEOUT, "never reply"),
    (Fault.GARBAGE, "send what is no HTTP"),
    (Fault.HALF, "break off half way"),
)
"""Every fault with what it does, as the form offers them."""

MOST_ROWS = 8
"""Of a body's field, before it scrolls."""

NUMBERS = ("status", "times", "delay_seconds")
TEXTS = ("fault", "when", "body")


@dataclass(frozen=True, slots=True)
class ScriptForm:
    """The form as it is shown. ``uses`` says of each entry how often it was used; the last block is empty."""

    form: Form
    uses: tuple[str, ...]
    held: int

    FAULTS = FAULTS

    def rows(self, body: str) -> int:
        """How many lines of *body* its field shows."""
        return min(1 + body.count("\n"), MOST_ROWS)

    def other_headers(self, text: str) -> str:
        """The names of the headers that *text* carries along."""
        pairs = _other_headers(text)
        lists = pairs if isinstance(pairs, list) else []
        named = [str(pair[0]) for pair in lists if isinstance(pair, list) and pair]
        return ", ".join(named) or "Other headers"


def script_form(script: Script | None) -> ScriptForm:
    """The form of *script*, which may be none."""
    uses = () if script is None else script.uses
    values: dict[str, str] = {}
    for index, use in enumerate(uses):
        values |= {f"replies.{index}.{name}": value for name, value in _values(use.entry).items()}
    return ScriptForm(Form(values), (*map(_used, uses), ""), sum(len(use.waiting) for use in uses))


def filled_form(form: Mapping[str, str]) -> dict[str, str]:
    """*form* without the blocks that were left empty, the others counted anew."""
    kept: dict[str, str] = {}
    number = 0
    for index in range(MOST_ENTRIES + 1):
        prefix = f"replies.{index}."
        block = {name.removeprefix(prefix): each for name, each in form.items() if name.startswith(prefix)}
        if any(block.get(name, "").strip() for name in (*NUMBERS, *TEXTS, "type", "hold")):
            kept |= {f"replies.{number}.{name}": value for name, value in block.items()}
            number += 1
    return kept


def refused_form(form: Mapping[str, str], error: InvalidInput, script: Script | None) -> ScriptForm:
    """*form* as it was typed, with what is wrong with it; *script* is the one that still holds."""
    blocks = len({name.split(".")[1] for name in form})
    held = 0 if script is None else sum(len(use.waiting) for use in script.uses)
    return ScriptForm(Form(form, field_errors(error, "replies")), ("",) * (blocks + 1), held)


def read_form(form: Mapping[str, str]) -> list[Entry]:
    """The entries that *form* (a filled one) describes; none when it is empty. Raises InvalidInput."""
    blocks: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        _, index, field = name.split(".", 2)
        blocks.setdefault(index, {})[field] = value
    return script_entries({"replies": [_fields(block) for block in blocks.values()]}) if blocks else []


def _values(entry: Entry) -> dict[str, str]:
    reply = planned_reply(entry.reply)
    types = [value for name, value in entry.reply.headers if name.lower() == "content-type"]
    rest = [list(pair) for pair in entry.reply.headers if pair[0].lower() != "content-type"]
    values = {
        "status": str(entry.reply.status),
        "times": "" if entry.times is None else str(entry.times),
        "delay_seconds": f"{entry.reply.delay_seconds:g}" if entry.reply.delay_seconds else "",
        "fault": entry.fault or "",
        "hold": "on" if entry.hold else "",
        "when": "" if entry.when is None else str(entry.when),
        "type": types[0] if types else "",
        "headers": json.dumps(rest) if rest else "",
    }
    return values | {name: str(reply[name]) for name in ("body", "body_base64") if name in reply}


def _fields(block: Mapping[str, str]) -> dict[str, object]:
    """The API's fields of one block. What is left empty is not given."""
    fields: dict[str, object] = {name: number_or_text(block[name]) for name in NUMBERS if block.get(name)}
    fields |= {name: block[name] for name in (*TEXTS, "body_base64") if block.get(name)}
    if block.get("hold"):
        fields["hold"] = True
    content_type = block.get("type", "").strip()
    headers: object = _other_headers(block.get("headers", ""))
    if content_type and isinstance(headers, list):
        headers = [["Content-Type", content_type], *headers]
    if headers:
        fields["headers"] = headers
    return fields


def _other_headers(text: str) -> object:
    """The headers that the form carries along unseen; what else stands there is for the reader to refuse."""
    try:
        return json.loads(text) if text else []
    except (ValueError, RecursionError):
        return text


def _used(use: Use) -> str:
    times = "" if use.entry.times is None else f" of {use.entry.times}"
    words = f"used {use.used}{times}"
    return f"{words}, {len(use.waiting)} held" if use.waiting else words
