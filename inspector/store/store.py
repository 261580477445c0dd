"""The store: an archive together with the writer that fills it."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from inspector.errors import NotFound, StorageFailed, UnusableDatabase
from inspector.matching import Filter
from inspector.models import DeliverySummary, Endpoint, NewDelivery, NewMalformed, Verification
from inspector.settings import Settings
from inspector.signing import Schemes
from inspector.store import changes, malformed
from inspector.store.archive import Archive
from inspector.store.disk import DatabaseFile
from inspector.store.doorbell import Doorbell
from inspector.store.endpoints import ROOT_ID, ROOT_PATH
from inspector.store.files import make_private_file, make_private_folder
from inspector.store.jobs import Addition, Change, Insert
from inspector.store.ledger import Ledger, load_memory
from inspector.store.lock import DatabaseLock
from inspector.store.readers import Readers
from inspector.store.secrets import Secrets
from inspector.store.sqlite import LARGEST_ID, SCHEMA_VERSION, open_for_writing, recognise
from inspector.store.state import StoreState
from inspector.store.upkeep import Upkeep
from inspector.store.writer import Writer

DELETED_AT_ONCE = 500
"""So many that a filter means are looked for before they are deleted."""

JUDGED_AT_ONCE = 500
"""So many verdicts are written by one change."""

MALFORMED_SHARE = 20
"""Malformed requests take no more than one part in so many of a limit on bytes."""

READING_THREADS = 2
"""So many questions from coroutines are answered at the same time."""

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class Store(Archive):
    """Deliveries and endpoints of one server, for writing and reading.

    Writing is asynchronous, from any event loop: when a call returns, what it wrote is on disk; else it
    raises StorageFailed, or what the call names. ``doorbell`` rings after each batch of writes. Reading is
    the archive's; coroutines ask through ``reading``.
    """

    def __init__(
        self,
        settings: Settings,
        path: Path,
        ledger: Ledger,
        secrets: Secrets,
        closing: ExitStack,
    ) -> None:
        self.doorbell = Doorbell()
        self._malformed = malformed.Gathering()
        limit = settings.retention.bytes
        self._malformed_bytes = limit // MALFORMED_SHARE if limit else LARGEST_ID
        upkeep = Upkeep(ledger, settings.retention)
        self._writer = Writer(ledger, upkeep, DatabaseFile(path), self.doorbell)
        closing.callback(self._writer.close)
        # Closed before the writer: the last connection to close is the one that may remove the log.
        readers = Readers(path)
        closing.callback(readers.close)
        self._reading = closing.enter_context(
            ThreadPoolExecutor(READING_THREADS, thread_name_prefix="store-reader")
        )
        super().__init__(
            path,
            readers,
            lambda: ledger.memory,
            secrets,
            settings.retention,
            Schemes(settings.schemes),
            closing,
            temporary=settings.database is None,
        )

    @classmethod
    def open(cls, settings: Settings) -> Store:
        """Open the database of *settings*, or make it, with the endpoint ``/``.

        Raises UnusableDatabase when the file is not ours or cannot be used, and DatabaseInUse when another
        server has it; then nothing was written.
        """
        durable = settings.database is not None
        with ExitStack() as closing:
            path = _place(settings, closing)
            _lock(path, closing)
            recognise(path)
            secrets = Secrets(
                _beside(path, ".secrets.json") if durable else None, settings.environ, settings.secret_env
            )
            try:
                make_private_file(path)
                database = open_for_writing(path, durable=durable)
                closing.callback(database.close)
                ledger = Ledger(database)
                if ROOT_ID not in ledger.memory.endpoints:
                    with ledger.transaction():
                        changes.create_endpoint(ledger, Endpoint(ROOT_ID, ROOT_PATH, datetime.now(UTC)))
                return cls(settings, path, ledger, secrets, closing)
            except OSError as error:
                raise UnusableDatabase(f"{path} cannot be opened: {error.strerror}.") from error
            except (sqlite3.Error, StorageFailed) as error:
                raise UnusableDatabase(f"{path} cannot be opened: {error}.") from error

    @staticmethod
    def open_reading(path: Path, settings: Settings | None = None) -> Archive:
        """Open the existing database *path* for reading, without a server.

        Takes the lock, so that no server writes meanwhile. *settings* only tells the environment for secrets,
        and the user's own schemes. Raises NotFound when there is no such file, and what ``open`` raises.
        """
        settings = settings or Settings()
        with ExitStack() as closing:
            path = Path(os.path.realpath(path))
            try:
                path.stat()
            except (FileNotFoundError, NotADirectoryError):
                raise NotFound(f"There is no database {path}.") from None
            except OSError as error:
                raise UnusableDatabase(f"{path} cannot be read: {error.strerror}.") from error
            _lock(path, closing, optional=True)
            version = recognise(path)
            if version is None or version < SCHEMA_VERSION:
                raise UnusableDatabase(f"{path} is empty or of an older version: start a server on it once.")
            secrets = Secrets(_beside(path, ".secrets.json"), settings.environ, settings.secret_env)
            readers = Readers(path, immutable=_is_at_rest(path))
            closing.callback(readers.close)
            try:
                with readers.lend() as database:
                    memory = load_memory(database)
                schemes = Schemes(settings.schemes)
                return Archive(path, readers, lambda: memory, secrets, settings.retention, schemes, closing)
            except StorageFailed as error:
                raise UnusableDatabase(f"{path} cannot be opened: {error}") from error

    async def add(self, delivery: NewDelivery) -> int:
        """Store *delivery* and return its id.

        The reply's ``sent_at`` is planned as the moment of the commit plus the reply's delay. Raises
        StorageFailed.
        """
        future = asyncio.get_running_loop().create_future()
        self._writer.post(Insert(future, delivery))
        delivery_id: int = await future
        return delivery_id

    def reply_unsent(self, delivery_id: int) -> None:
        """Note, with the next batch, that the sender was gone before it had its reply. Does not wait."""
        self._writer.post(Change(None, partial(changes.reply_unsent, delivery_id=delivery_id)))

    def reply_held(self, delivery_id: int, seconds: float, sent_ns: int | None) -> None:
        """Note, with the next batch, that a reply was held for *seconds*, then sent (None: it was not).

        Does not wait.
        """
        change = partial(changes.reply_held, delivery_id=delivery_id, seconds=seconds, sent_ns=sent_ns)
        self._writer.post(Change(None, change))

    async def annotate(
        self, delivery_id: int, *, note: str | None = None, pinned: bool | None = None
    ) -> DeliverySummary:
        """Set a delivery's note or pin; None leaves it as it is. Raises NotFound."""
        return await self._change(
            partial(changes.annotate, delivery_id=delivery_id, note=note, pinned=pinned)
        )

    async def delete(self, delivery_id: int) -> None:
        """Delete a delivery. Raises NotFound."""
        await self._change(partial(changes.delete, delivery_id=delivery_id), purges=True)

    async def delete_many(
        self, *, endpoint_id: str | None = None, pinned: bool = False, where: Filter | None = None
    ) -> int:
        """Delete the deliveries of an endpoint, those that *where* means, or all of them; pinned ones only
        if *pinned*. Return how many.

        All of them vanish at once and raise the generation; some go slice by slice, up to the newest at the
        time of the call.
        """
        if where:
            return await self._delete_meant(where, endpoint_id, pinned=pinned)
        if endpoint_id is None:
            return await self._change(partial(changes.clear, pinned=pinned), purges=True)
        through = self.position().cursor
        remove = partial(changes.delete_slice, endpoint_id=endpoint_id, through=through, pinned=pinned)
        deleted = 0
        while sliced := await self._change(remove, purges=True):
            deleted += sliced
        return deleted

    async def _delete_meant(self, where: Filter, endpoint_id: str | None, *, pinned: bool) -> int:
        """Search in the reading threads, slice by slice, and have the writer delete what was found."""
        through, cursor, more, deleted = self.position().cursor, 0, True, 0
        while more and cursor < through:
            found = await self.reading(
                self.after, cursor, endpoint_id=endpoint_id, where=where, limit=DELETED_AT_ONCE
            )
            ids = [row.id for row in found.rows if row.id <= through]
            remove = partial(changes.delete_those, delivery_ids=ids, pinned=pinned)
            while ids and (sliced := await self._change(remove, purges=True)):
                deleted += sliced
            cursor, more = found.cursor, found.more
        return deleted

    async def rejudge(self, verdicts: Sequence[tuple[int, Verification]]) -> int:
        """Put new verdicts in the place of those of deliveries, by id, slice by slice.

        Returns how many have another one now; each of them is an update. Their diagnoses go, since they were
        about the old verdicts. Ids that are gone are passed over.
        """
        changed = 0
        for start in range(0, len(verdicts), JUDGED_AT_ONCE):
            some = verdicts[start : start + JUDGED_AT_ONCE]
            changed += await self._change(partial(changes.rejudge, verdicts=some))
        return changed

    async def keep_diagnosis(self, delivery_id: int, diagnosis: Mapping[str, object]) -> None:
        """Keep with a delivery what was found out about its signature, as JSON. Nothing when it is gone."""
        text = json.dumps(diagnosis)
        keep = partial(changes.keep_diagnosis, delivery_id=delivery_id, diagnosis=text)
        await self._add(keep, len(text))

    async def add_malformed(self, new: NewMalformed) -> None:
        """Keep what came and was no request, and drop the oldest beyond 500. It counts as no delivery.

        In a flood it is written ten times a second; of what came in between only the newest is kept, and the
        rest counted.
        """
        batch, pause_seconds = self._malformed.put(new)
        if pause_seconds is None:
            await asyncio.wrap_future(batch.written)
            return
        failure: BaseException = StorageFailed("It was given up.")
        try:
            if pause_seconds:
                await asyncio.sleep(pause_seconds)
            write = partial(self._malformed.write, batch=batch, most_bytes=self._malformed_bytes)
            await self._add(write, malformed.GATHERED_BYTES)
        except StorageFailed as error:
            failure = error
            raise
        else:
            batch.written.set_result(None)
        finally:
            if not batch.written.done():
                # Nothing more is to be put into what will not be written.
                self._malformed.close(batch)
                batch.written.set_exception(failure)

    async def clear_malformed(self) -> int:
        """Delete all malformed requests that are kept, and return how many."""
        return await self._change(malformed.clear, purges=True)

    async def create_endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Register *endpoint*. Raises Conflict when its path is taken."""
        return await self._change(partial(changes.create_endpoint, endpoint=endpoint))

    async def replace_endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Put *endpoint* in the place of the one with its id. Raises NotFound, Conflict on a taken path."""
        return await self._change(partial(changes.replace_endpoint, endpoint=endpoint))

    async def delete_endpoint(self, endpoint_id: str) -> None:
        """Remove an endpoint and its secrets, keep its deliveries. Raises NotFound, Conflict for ``/``."""
        await self._change(partial(changes.delete_endpoint, endpoint_id=endpoint_id))
        self.secrets.remove_all(endpoint_id)

    async def reading(
        self, question: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs
    ) -> Answer:
        """The answer to one of the archive's questions, asked in a reading thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reading, partial(question, *args, **kwargs))

    def state(self) -> StoreState:
        """Where the data is, how much of it, and what is wrong."""
        state = super().state()
        return replace(state, fault=state.fault or self._writer.fault)

    async def _change(self, change: Callable[[Ledger], Answer], *, purges: bool = False) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._writer.post(Change(future, change, purges))
        return await future

    async def _add(self, change: Callable[[Ledger], None], added_bytes: int) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.post(Addition(future, change, added_bytes=added_bytes))
        await future


def _place(settings: Settings, closing: ExitStack) -> Path:
    """The database file to use, in a folder that exists."""
    if settings.database is None:
        folder = closing.enter_context(
            tempfile.TemporaryDirectory(prefix="callback-inspector-", ignore_cleanup_errors=True)
        )
        return Path(os.path.realpath(folder), "callbacks.db")
    path = Path(os.path.realpath(settings.database))
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise UnusableDatabase(f"The folder {path.parent} cannot be made: {error.strerror}.") from error
    return path


def _lock(path: Path, closing: ExitStack, *, optional: bool = False) -> None:
    """Take the lock beside the database *path* until *closing*."""
    try:
        lock = DatabaseLock(_beside(path, ".lock"), optional=optional)
    except OSError as error:
        raise UnusableDatabase(f"{path} cannot be locked: {error.strerror}.") from error
    closing.callback(lock.release)


def _beside(path: Path, suffix: str) -> Path:
    """The file that belongs to the database ``NAME.db``: ``NAME`` and *suffix*."""
    return path.with_name(path.name.removesuffix(".db") + suffix)


def _is_at_rest(path: Path) -> bool:
    """Whether the locked database *path* is read by itself: its log is gone, or cannot be used."""
    log = path.with_name(f"{path.name}-wal")
    return not log.exists() or not os.access(path.parent, os.W_OK)
