"""The threads that pass Python's lock to each other share a core; all others may run anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.command import Command, Serving
from support.waiting import until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="there is one core, or no choice"
)


def cores_by_thread(pid: int) -> Mapping[int, set[int]]:
    """The cores on which each thread of the process *pid* may run, by the thread's id."""
    return {
        int(task.name): os.sched_getaffinity(int(task.name)) for task in Path(f"/proc/{pid}/task").iterdir()
    }


def test_the_loop_and_the_writer_share_a_core_and_the_others_roam(command: Command, serving: Serving) -> None:
    pid = serving.pid
    busy = cores_by_thread(pid)
    [core] = busy[pid]
    assert [cores for cores in busy.values() if cores == {core}] == [{core}, {core}]

    command.run("list", "some words")  # a search: in a thread that is begun for it
    until(lambda: len(cores_by_thread(pid)) > len(busy))
    begun = {thread: cores for thread, cores in cores_by_thread(pid).items() if thread not in busy}
    until(lambda: all(os.sched_getaffinity(thread) == os.sched_getaffinity(0) for thread in begun))
