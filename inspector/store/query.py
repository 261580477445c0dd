"""A filter's tree as SQL: a condition on the rows of ``kept``.

What SQLite can decide itself it decides, without holding up other threads. The rest goes to functions in
Python, which are the matcher's own, so that a delivery is found exactly when the matcher would take it. They
are called for the rows that nothing cheaper has ruled out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.matching import Condition, Filter
from inspector.matching.glob import ascii_lower
from inspector.matching.reading import JSON_BYTES
from inspector.matching.tree import (
    FOLDED_TEXTS,
    BodyText,
    Flag,
    Moment,
    Named,
    Number,
    Status,
    Test,
    Text,
    Word,
)
from inspector.store.functions import argument

LIKE_CHARACTERS = 32
"""The longest text that LIKE is given: its time grows with that length, and nothing stops it half way."""

COLUMNS = {
    "reply": "reply_status",
    "size": "body_size",
    "id": "id",
    "attempt": "attempt",
    "method": "method",
    "scheme": "scheme",
    "content_type": "content_type",
    "message": "message_id",
}

_IN_BODY = "exists (select 1 from bodies where bodies.id = kept.id and {})"
# The plus keeps SQLite from looking the endpoint up in an index: lists walk the table by id.
_ENDPOINT = """(+kept.endpoint_id = {0}
    or +kept.endpoint_id in (select endpoints.id from endpoints where endpoints.path = {0}))"""
_ENDPOINTS = """(filter_text({0}, kept.endpoint_id)
    or +kept.endpoint_id in (select endpoints.id from endpoints where filter_text({0}, endpoints.path)))"""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition in SQL on the rows of ``kept`` (or of ``deliveries as kept``), with its named parameters.

    It needs the functions of ``functions.register`` on its connection, and is true or false, never null. The
    names of its parameters begin with ``filter``.
    """

    sql: str
    parameters: Mapping[str, str | int | bytes]


def where(tree: Filter) -> Where:
    """The condition that holds for the deliveries that *tree* means; what reads bodies stands last in it."""
    parameters = _Parameters()
    conditions = [_signed(condition, parameters) for condition in dict.fromkeys(tree.cheapest_first)]
    return Where(_all(conditions) if conditions else "1", parameters.values)


@dataclass(slots=True)
class _Parameters:
    """Values bound so far, each once: SQLite takes 32,766 parameters, and a filter may repeat itself."""

    values: dict[str, str | int | bytes] = field(default_factory=dict)
    _names: dict[str | int | bytes, str] = field(default_factory=dict)

    def bind(self, value: str | int | bytes) -> str:
        name = self._names.setdefault(value, f"filter{len(self._names)}")
        self.values[name] = value
        return f":{name}"


def _all(conditions: list[str]) -> str:
    # A balanced tree: SQLite takes expressions 1,000 levels deep, and a filter may have thousands of terms.
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    return f"({_all(conditions[:middle])} and {_all(conditions[middle:])})"


def _signed(condition: Condition, parameters: _Parameters) -> str:
    sql = _sql(condition.test, parameters)
    return f"not {sql}" if condition.negated else sql


def _sql(test: Test, parameters: _Parameters) -> str:
    """*test* as an expression that needs no parentheses around it and is never null."""
    match test:
        case Word(text):
            return _word(text, parameters)
        case BodyText(text):
            return _IN_BODY.format(_contains("bodies.body", text, parameters))
        case Status(status):
            return f"(kept.status = {parameters.bind(status.value)})"
        case Flag("verified", wanted):
            return f"(kept.status {'=' if wanted else '<>'} 'valid')"
        case Flag(_, wanted):
            return f"(kept.pinned = {int(wanted)})"
        case Number(name, low, high):
            column = f"kept.{COLUMNS[name]}"
            bounds = [] if low is None else [f"{column} >= {parameters.bind(low)}"]
            bounds += [] if high is None else [f"{column} <= {parameters.bind(high)}"]
            return f"({' and '.join(bounds)})"
        case Moment(name):
            return f"(kept.received_ns {'>=' if name == 'after' else '<'} {parameters.bind(test.at_ns)})"
        case Text("path"):
            return _path(test, parameters)
        case Text("endpoint"):
            return _endpoint(test, parameters)
        case Text():
            return _text(test, parameters)
        case Named():
            return _named(test, parameters)


def _word(text: str, parameters: _Parameters) -> str:
    target = _contains("kept.target", text, parameters)
    body = _IN_BODY.format(_contains("bodies.body", text, parameters))
    return f"({target} or {_headers_contain(text, parameters)} or {body})"


def _contains(column: str, text: str, parameters: _Parameters) -> str:
    """Whether *text* stands in the bytes of *column*.

    LIKE folds A to Z alone, which is what is wanted for ASCII text. It needs the cast, since it finds nothing
    in a BLOB, and it stops at the first NUL: bytes with one in them are looked at by the function. That would
    take no longer for all of them, but has to wait for its turn in Python whenever the server is busy.
    """
    contains = f"filter_contains({parameters.bind(argument(text))}, {column})"
    if not text.isascii() or "\0" in text or len(text) > LIKE_CHARACTERS:
        return contains
    like = _like(f"cast({column} as text)", text, parameters)
    return f"({like} or (instr({column}, x'00') and {contains}))"


def _like(sql: str, text: str, parameters: _Parameters) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{sql} like {parameters.bind(f'%{escaped}%')} escape '\\'"


def _headers_contain(text: str, parameters: _Parameters) -> str:
    # Headers stand as JSON, in which letters and digits are themselves and all else may be written otherwise.
    contains = f"filter_headers_contain({parameters.bind(argument(text))}, kept.headers)"
    if text.isascii():
        return f"({_like('kept.headers', _longest_run(text), parameters)} and {contains})"
    if text.casefold().isascii():
        return contains
    # Text that is longer in bytes than in characters has some that are not ASCII.
    return f"(length(cast(kept.headers as blob)) > length(kept.headers) and {contains})"


def _longest_run(text: str) -> str:
    """The longest part of *text* that is of ASCII letters and digits only, as far as LIKE may take it."""
    spaced = "".join(c if c.isascii() and c.isalnum() else " " for c in text)
    return max(spaced.split(), key=len, default="")[:LIKE_CHARACTERS]


def _path(test: Text, parameters: _Parameters) -> str:
    literal, prefix = test.glob.text, test.glob.prefix
    if literal is not None and literal.isascii():
        return f"(kept.target = {parameters.bind(argument(literal))})"
    fits = f"filter_target({parameters.bind(argument(str(test)))}, kept.target)"
    if not prefix or not prefix.isascii():
        return fits
    return f"(substr(kept.target, 1, {len(prefix)}) = {parameters.bind(argument(prefix))} and {fits})"


def _endpoint(test: Text, parameters: _Parameters) -> str:
    literal = test.glob.text
    if literal is not None and literal.isascii():
        return _ENDPOINT.format(parameters.bind(literal))
    return _ENDPOINTS.format(parameters.bind(argument(str(test))))


def _text(test: Text, parameters: _Parameters) -> str:
    column, literal = f"kept.{COLUMNS[test.field]}", test.glob.text
    # A content type may fit without its parameters. `is` is false where there is no value; `=` would be null.
    if literal is None or not literal.isascii() or test.field == "content_type":
        return f"filter_text({parameters.bind(argument(str(test)))}, {column})"
    if test.field in FOLDED_TEXTS:
        return f"(lower({column}) is {parameters.bind(ascii_lower(literal))})"
    return f"({column} is {parameters.bind(literal)})"


def _named(test: Named, parameters: _Parameters) -> str:
    condition = parameters.bind(argument(str(test)))
    match test.kind:
        case "header":
            name = _like("kept.headers", _longest_run(test.path[0]), parameters)
            return f"({name} and filter_header({condition}, kept.headers))"
        case "query":
            return f"(instr(kept.target, x'3f') and filter_query({condition}, kept.target))"
        case _:
            fits = f"filter_json({condition}, kept.headers, bodies.body)"
            return _IN_BODY.format(f"kept.body_size <= {JSON_BYTES} and {fits}")
