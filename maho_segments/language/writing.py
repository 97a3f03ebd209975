"""Writing a file of the project so that readers see the old one or the new one."""

import os
from contextlib import suppress
from pathlib import Path

from maho_segments.errors import SegmentsError


def write_file(path: Path, text: str, what: str) -> None:
    """Write a file, all or nothing; raises SegmentsError, which says `what` it is, when it can't."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise SegmentsError(
            f"{what} can't be written to {path}: {error.strerror}.",
            "Make the folder writable, or free some space.",
        ) from error
