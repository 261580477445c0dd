"""What can be changed after a delivery was stored, each as one function that runs inside the writer's
transaction.

They look first and raise NotFound or Conflict before they change anything, so that one that is refused leaves
the others of its batch alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from inspector.errors import Conflict, NotFound
from inspector.models import DeliverySummary, Endpoint, Verification
from inspector.store import rows
from inspector.store.endpoints import ROOT_ID, endpoint_values
from inspector.store.ledger import Ledger
from inspector.store.sqlite import LARGEST_ID

REMEMBERED_REVISIONS = 10_000
"""How many revisions back the deleted ids are known."""

_COUNT_SPARED = """
    select endpoint_id, count(*), sum(body_size) from deliveries
    where id in (select id from spared) group by endpoint_id
"""


def reply_unsent(ledger: Ledger, delivery_id: int) -> None:
    """Note that the sender of *delivery_id* was gone before it had its reply."""
    if _find(ledger, delivery_id) is not None:
        ledger.connection.execute(
            "update deliveries set completed = 0, sent_ns = null, revision = ? where id = ?",
            (ledger.draft.next_revision(), delivery_id),
        )


def reply_held(ledger: Ledger, delivery_id: int, seconds: float, sent_ns: int | None) -> None:
    """Note for how long the reply to *delivery_id* was held, and when it was sent then (None: it was not)."""
    if _find(ledger, delivery_id) is not None:
        ledger.connection.execute(
            "update deliveries set completed = ?, sent_ns = ?, "
            "reply = json_set(reply, '$[2].held_seconds', ?), revision = ? where id = ?",
            (sent_ns is not None, sent_ns, seconds, ledger.draft.next_revision(), delivery_id),
        )


def annotate(ledger: Ledger, delivery_id: int, note: str | None, pinned: bool | None) -> DeliverySummary:
    """Set the note or the pin of *delivery_id*; None leaves it as it is. Raises NotFound."""
    before = _existing(ledger, delivery_id)
    note = before.note if note is None else note
    pinned = before.pinned if pinned is None else pinned
    if (note, pinned) == (before.note, before.pinned):
        return before
    ledger.connection.execute(
        "update deliveries set note = ?, pinned = ?, revision = ? where id = ?",
        (rows.stored_text(note), pinned, ledger.draft.next_revision(), delivery_id),
    )
    ledger.count_pinned()
    return _existing(ledger, delivery_id)


def rejudge(ledger: Ledger, verdicts: Sequence[tuple[int, Verification]]) -> int:
    """Put new verdicts in the place of old ones, and return how many deliveries have another one now.

    A diagnosis goes with the verdict that it was about, also where the new verdict is the same: what else was
    tried may have changed. Ids that are gone are passed over.
    """
    changed = 0
    for delivery_id, verdict in verdicts:
        values = rows.verdict_values(verdict)
        before = ledger.connection.execute(rows.SELECT_VERDICT, (delivery_id,)).fetchone()
        if before is not None and before != values:
            revision = ledger.draft.next_revision()
            ledger.connection.execute(rows.UPDATE_VERDICT, (*values, revision, delivery_id))
            changed += 1
    ids = json.dumps([delivery_id for delivery_id, _ in verdicts])
    ledger.connection.execute(
        "delete from diagnoses where delivery_id in (select value from json_each(?))", (ids,)
    )
    return changed


def keep_diagnosis(ledger: Ledger, delivery_id: int, diagnosis: str) -> None:
    """Keep the JSON text of what was found out about *delivery_id*; nothing when that is gone."""
    ledger.connection.execute(
        "insert or replace into diagnoses select id, ? from kept where id = ?", (diagnosis, delivery_id)
    )


def delete(ledger: Ledger, delivery_id: int) -> None:
    """Delete *delivery_id*. Raises NotFound."""
    _existing(ledger, delivery_id)
    _delete(ledger, [delivery_id])


def delete_slice(ledger: Ledger, endpoint_id: str, through: int, pinned: bool) -> int:
    """Delete a slice of an endpoint's deliveries up to id *through*, oldest first; 0 means none is left."""
    candidates = ledger.connection.execute(
        "select id, body_size from kept where endpoint_id = ? and id <= ? and pinned <= ? "
        "order by id limit ?",
        (endpoint_id, through, pinned, ledger.slice.rows),
    )
    ids = ledger.slice.take(candidates.fetchall())
    if ids:
        _delete(ledger, ids)
    return len(ids)


def delete_those(ledger: Ledger, delivery_ids: Sequence[int], pinned: bool) -> int:
    """Delete a slice of *delivery_ids*, pinned ones only if *pinned*; 0 means none of them is left."""
    candidates = ledger.connection.execute(
        "select id, body_size from kept where id in (select value from json_each(?)) and pinned <= ? "
        "order by id",
        (json.dumps(delivery_ids), pinned),
    )
    ids = ledger.slice.take(candidates.fetchall())
    if ids:
        _delete(ledger, ids)
    return len(ids)


def clear(ledger: Ledger, pinned: bool) -> int:
    """Delete all deliveries, the pinned ones only if *pinned*, and return how many.

    In this transaction they only vanish from sight, whatever their number; ``Upkeep`` deletes them
    afterwards. One id is used up: a cursor from before is below the floor, one from after is not, and both
    can be told apart.
    """
    connection, draft = ledger.connection, ledger.draft
    survivors = [] if pinned else connection.execute("select id from kept where pinned = 1").fetchall()
    deleted = draft.deliveries - len(survivors)
    draft.cursor += 1
    draft.floor = draft.cleared_through = draft.cursor
    draft.generation += 1
    draft.next_revision()
    connection.execute("update sqlite_sequence set seq = ? where name = 'deliveries'", (draft.cursor,))
    connection.execute("update counters set cleared_through = ?", (draft.cleared_through,))
    connection.execute("delete from spared")
    connection.executemany("insert into spared (id) values (?)", survivors)
    for endpoint_id, kept in draft.activity.items():
        ledger.count(endpoint_id, -kept.deliveries, -kept.body_bytes)
    for endpoint_id, deliveries, body_bytes in connection.execute(_COUNT_SPARED).fetchall():
        ledger.count(endpoint_id, deliveries, body_bytes)
    ledger.forget_gone_endpoints()
    ledger.count_pinned()
    return deleted


def create_endpoint(ledger: Ledger, endpoint: Endpoint) -> Endpoint:
    """Register *endpoint*. Raises Conflict when its path or id is taken."""
    if endpoint.id in ledger.draft.endpoints:
        raise Conflict(f"There is an endpoint {endpoint.id} already.")
    _require_free_path(ledger, endpoint)
    ledger.database.table("endpoints").insert(endpoint_values(endpoint))
    ledger.draft.endpoints = ledger.draft.endpoints.with_endpoint(endpoint)
    return endpoint


def replace_endpoint(ledger: Ledger, endpoint: Endpoint) -> Endpoint:
    """Put *endpoint* in the place of the one with its id. Raises NotFound, Conflict on a taken path."""
    before = ledger.draft.endpoints.find(endpoint.id)
    if before.id == ROOT_ID and endpoint.path != before.path:
        raise Conflict("The endpoint / keeps its path: it catches what fits no other.")
    _require_free_path(ledger, endpoint)
    ledger.database.table("endpoints").upsert(endpoint_values(endpoint), pk="id")
    ledger.draft.endpoints = ledger.draft.endpoints.with_endpoint(endpoint)
    return endpoint


def delete_endpoint(ledger: Ledger, endpoint_id: str) -> None:
    """Remove an endpoint and keep its deliveries. Raises NotFound, and Conflict for ``/``."""
    endpoint = ledger.draft.endpoints.find(endpoint_id)
    if endpoint.id == ROOT_ID:
        raise Conflict("The endpoint / cannot be deleted: it catches what fits no other.")
    ledger.database.table("endpoints").delete(endpoint.id)
    ledger.draft.endpoints = ledger.draft.endpoints.without(endpoint.id)
    ledger.forget_gone_endpoints()


def _delete(ledger: Ledger, delivery_ids: Sequence[int]) -> None:
    ledger.remove(delivery_ids)
    ledger.connection.executemany(
        "insert into deleted (revision, id) values (?, ?)",
        [(ledger.draft.next_revision(), delivery_id) for delivery_id in delivery_ids],
    )
    ledger.connection.execute(
        "delete from deleted where revision <= ?", (ledger.draft.revision - REMEMBERED_REVISIONS,)
    )


def _find(ledger: Ledger, delivery_id: int) -> DeliverySummary | None:
    if not 0 < delivery_id <= LARGEST_ID:
        return None
    found = list(ledger.database.query(f"{rows.SELECT_SUMMARY} where id = ?", (delivery_id,)))
    return rows.summary(found[0]) if found else None


def _existing(ledger: Ledger, delivery_id: int) -> DeliverySummary:
    summary = _find(ledger, delivery_id)
    if summary is None:
        raise NotFound(f"There is no delivery {delivery_id}.")
    return summary


def _require_free_path(ledger: Ledger, endpoint: Endpoint) -> None:
    holder = ledger.draft.endpoints.at(endpoint.path)
    if holder is not None and holder.id != endpoint.id:
        raise Conflict(f"The path {endpoint.path} is taken by another endpoint.")
