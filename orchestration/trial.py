"""Whether the code location loads, tried in a process of its own.

Loading has dbt at work, which changes the environment and the output of its process meanwhile: those of a
code server are what each run that it starts is given.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from maho_segments.errors import SegmentsError
from maho_segments.services.project import Workspace

# From where the code server takes it, too.
_CHECKOUT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Failure:
    """Why it does not load; `is_lasting` says that it will not either until files are edited."""

    words: str
    is_lasting: bool = False


def try_loading(workspace: Workspace, *, seconds: float) -> Failure | None:
    """What keeps Dagster from loading the project's definitions as its files are now; None where it can.

    It takes some seconds. The process that tries is gone when this returns, and ends with this one.
    """
    ours, its_own = "", ""
    reading, writing = os.pipe()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "orchestration.trial"],
            cwd=_CHECKOUT,
            # Secrets are in it, which anybody might read from a command line.
            env={**workspace.environ, "SEGMENTS_PROJECT_DIR": str(workspace.folder)},
            stdin=reading,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            try:
                ours, its_own = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                return Failure(f"it was not loaded within {seconds:g} s")
            finally:
                process.kill()
    finally:
        os.close(reading)
        os.close(writing)
    if process.returncode == 0:
        failure = json.loads(ours)
        return failure and Failure(**failure)
    return Failure(_last_words(process.returncode, its_own))


def _last_words(code: int, said: str) -> str:
    """Of a process that ended before it could answer."""
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with {code}"
    lines = said.strip().splitlines()
    return f"the process that tried it ended {how}{f': {lines[-1]}' if lines else ''}"


def _load() -> Failure | None:
    try:
        # Here, so that code which can't be imported is a failure like any other.
        import dagster as dg  # noqa: PLC0415

        from orchestration.definitions import defs  # noqa: PLC0415

        dg.Definitions.validate_loadable(defs())
    except SegmentsError as error:
        return Failure(str(error), is_lasting=not isinstance(error.__cause__, OSError))
    except Exception as error:
        # Whatever it is, who asked has to say it. Code that is replaced while it is read is mended without an
        # edit of the files that are looked at.
        return Failure(f"{type(error).__name__}: {error}")
    return None


def _end_with_who_asked() -> None:
    # Nobody writes to it: this returns when the other end is closed, as it is when who asked was killed.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _main() -> None:
    answer = os.dup(sys.stdout.fileno())
    # What a library prints is no part of the answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_end_with_who_asked, daemon=True).start()
    failure = _load()
    with os.fdopen(answer, "w", encoding="utf-8") as output:
        json.dump(failure and asdict(failure), output)


if __name__ == "__main__":
    _main()
