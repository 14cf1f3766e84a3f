"""Runs storage functions in threads: the event loop never waits for a disk."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from storage.database import open_database, reading, transaction

T = TypeVar("T")

#: Threads for SQL. Few: SQLite has one writer at a time, and PostgreSQL's pool is small too.
_THREADS = 8


class Transactions:
    """The gateway's database; each call is one transaction.

    :param url: as `storage.database.open_database` takes it.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)
        self._limiter: anyio.CapacityLimiter | None = None
        self._unbroken: set[asyncio.Task] = set()

    async def write(self, function: Callable[..., T], **arguments: Any) -> T:
        """Return `function(connection, **arguments)`, committed.

        A cancelled caller does not stop the commit, but never hears of it: what must follow a commit belongs into
        `unbroken` together with it.
        """

        def work() -> T:
            with transaction(self._engine) as connection:
                return function(connection, **arguments)

        return await self._in_thread(work)

    async def read(self, function: Callable[..., T], **arguments: Any) -> T:
        """Return `function(connection, **arguments)` on a snapshot; nothing is written."""

        def work() -> T:
            with reading(self._engine) as connection:
                return function(connection, **arguments)

        return await self._in_thread(work)

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; where the caller is cancelled, `work` goes on to its end all the same."""
        task = asyncio.get_running_loop().create_task(work)
        self._unbroken.add(task)  # the event loop itself keeps no task alive
        task.add_done_callback(self._unbroken.discard)
        return await asyncio.shield(task)

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._limiter is None:  # belongs to the running event loop, which is not there yet in __init__
            self._limiter = anyio.CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)
