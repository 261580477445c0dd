"""Scripting: an endpoint's script as JSON, read and shown, for the API and the page's form alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from inspector.errors import InvalidInput
from inspector.matching import Filter, InvalidFilter, parse
from inspector.models import Fault
from inspector.receive.scripts import UNKNOWN_FIELDS, Entry, Script, fields_of
from inspector.web import reading, representation
from inspector.web.fields import Fields
from inspector.web.representation import Json

MOST_ENTRIES = 100
MOST_TIMES = 1_000_000
FILTER_CHARACTERS = 4096


def script_entries(values: Mapping[str, object]) -> list[Entry]:
    """The entries that *values* describe. Raises InvalidInput, whose fields begin with ``replies.0``."""
    fields = Fields(values)
    given = fields.value("replies")
    if not isinstance(given, list) or not given or not all(isinstance(each, Mapping) for each in given):
        fields.wrong("replies", "must be a list of objects, and not empty")
        given = []
    elif len(given) > MOST_ENTRIES:
        fields.wrong("replies", f"must not be more than {MOST_ENTRIES}")
        given = []
    entries = []
    for number, each in enumerate(given):
        try:
            entries.append(_entry(each, f"replies.{number}", last=number == len(given) - 1))
        except InvalidInput as error:
            fields.adopt(error)
    fields.done()
    return entries


def _entry(values: Mapping[str, object], within: str, *, last: bool) -> Entry:
    fields = Fields(values, within)
    times = fields.optional_integer("times", None, least=1, most=MOST_TIMES)
    entry = Entry(
        reply=reading.reply_of(fields, within, with_json=True),
        times=1 if times is None and not last else times,
        when=_condition(fields),
        fault=_fault(fields),
        hold=fields.flag("hold", False),
    )
    fields.done()
    return entry


def _condition(fields: Fields) -> Filter | None:
    text = fields.optional_text("when", None, longest=FILTER_CHARACTERS)
    if not text:
        return None
    try:
        tree = parse(text, now=datetime.now(UTC))
    except InvalidFilter as error:
        fields.wrong("when", str(error))
        return None
    unknown = sorted(fields_of(tree) & UNKNOWN_FIELDS)
    if unknown:
        fields.wrong("when", f"cannot ask for {unknown[0]}: a delivery has none before it is answered")
    return tree or None


def _fault(fields: Fields) -> Fault | None:
    word = fields.optional_text("fault", None, longest=reading.NAME_CHARACTERS)
    if not word:
        return None
    if word not in set(Fault):
        fields.wrong("fault", f"must be one of {', '.join(Fault)}, or null")
        return None
    return Fault(word)


def script(found: Script | None) -> Json:
    """A script with the uses of each entry. It reads back as the same script."""
    return {"replies": [] if found is None else [_shape(found, index) for index in range(len(found.uses))]}


def _shape(found: Script, index: int) -> Json:
    use = found.uses[index]
    entry = use.entry
    return {
        **representation.planned_reply(entry.reply),
        "times": entry.times,
        "when": None if entry.when is None else str(entry.when),
        "fault": entry.fault,
        "hold": entry.hold,
        "used": use.used,
        "held": len(use.waiting),
    }
