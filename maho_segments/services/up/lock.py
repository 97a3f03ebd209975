"""One `segments up` for each project: a lock that ends with whoever holds it, and a note of who that is."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from maho_segments.errors import SegmentsError
from maho_segments.services.instants import format_instant

# What a killed `segments up` left is cleared away within this time.
_CLEARING_SECONDS = 30.0


@contextmanager
def only_one(home: Path, *, address: str, now: datetime) -> Iterator[int]:
    """Be the only one; gives the file descriptor that holds the lock. Raises SegmentsError saying who is."""
    handle = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(handle)
        note = {"pid": os.getpid(), "since": format_instant(now), "address": address}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(note).encode(), 0)
        yield handle
    finally:
        os.close(handle)


def running_address(home: Path) -> str | None:
    """Where the pages of the running `segments up` of this folder are; none where none runs."""
    try:
        handle = os.open(home / "up.lock", os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        address = _read_note(handle).get("address")
        return address if isinstance(address, str) else None
    else:
        return None
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    give_up = time.monotonic() + _CLEARING_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_note(handle)
            if _lives(holder.get("pid")) or time.monotonic() > give_up:
                raise SegmentsError(
                    f"`segments up` runs for this project already, since {holder.get('since', 'just now')}, "
                    f"as process {holder.get('pid', '?')}: {holder.get('address', '')}",
                    "Stop that one first, with Ctrl-C or kill.",
                ) from None
            time.sleep(0.1)
        else:
            return


def _read_note(handle: int) -> dict[str, object]:
    try:
        note = json.loads(os.pread(handle, 4096, 0))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _lives(pid: object) -> bool:
    """Whether the process is there; one that has not written its number yet is."""
    if not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
