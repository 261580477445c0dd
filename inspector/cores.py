"""On which processor core the busy threads run.

The event loop's thread and the store's writer pass Python's lock to each other with every callback, and so
never run at the same time. On two cores each hand-over wakes a core that sleeps, and moves what both threads
touch from one cache to the other; on one core it does neither. On a machine with two cores that made a third
more callbacks a second on one connection, a tenth to a half more on sixteen, and no difference on sixty-four.
Threads for work that takes long roam: what they do outside Python's lock is better done elsewhere.

This is for a process that does nothing else, and only Linux can do it.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

if sys.platform == "linux":
    _ALLOWED = os.sched_getaffinity(0)
    """The cores that this process was given when it began."""

    def share_core() -> None:
        """Keep every thread that there is by now on one core."""
        fastest = _fastest(sorted(_ALLOWED))
        core = fastest[os.getpid() % len(fastest)]  # so that several servers do not choose the same
        for thread in threading.enumerate():
            if thread.native_id is not None:
                os.sched_setaffinity(thread.native_id, {core})

    def roam() -> None:
        """Let this thread run on every core, whichever thread began it."""
        os.sched_setaffinity(0, _ALLOWED)

else:

    def share_core() -> None:
        """Leave the threads to the system."""

    def roam() -> None:
        """Leave this thread to the system."""


def _fastest(cores: list[int]) -> list[int]:
    """Those of *cores* that are not slower than the others, where there are two kinds of them."""
    speeds = {core: _speed(core) for core in cores}
    return [core for core in cores if speeds[core] == max(speeds.values())]


def _speed(core: int) -> int:
    """The highest frequency of *core* in kHz; 0 where the system does not tell."""
    try:
        return int(Path(f"/sys/devices/system/cpu/cpu{core}/cpufreq/cpuinfo_max_freq").read_text())
    except (OSError, ValueError):
        return 0
