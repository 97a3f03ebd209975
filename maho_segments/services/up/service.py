"""A process that is kept running: its log, how it ends, and when it is started again."""

import logging
import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

# A service that ran for so long was well; the next time, it is started again at once.
_WELL_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_LOG_KEPT_BYTES = 10_000_000
_LAST_LINES = 5
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Command:
    """What is to run, under which name, and where it writes."""

    name: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path
    log: Path
    socket: Path | None = None
    """The socket that it listens on; what a killed one left is removed."""
    needs: Path | None = None
    """The socket that somebody has to listen on before it is started for the first time."""
    peace_seconds: float = 15.0
    """How long it may take to end when it is asked to: to finish the refresh that is under way."""
    is_disposable: bool = False
    """Whether it is killed after that time; what others leave unfinished, the guardian interrupts."""


class Service:
    """One command that runs until it is told to stop; whatever else ends it, it is started again."""

    def __init__(self, command: Command, *, group: int, show: Callable[[str, str], None] | None) -> None:
        """Start the command in that process group; `show` is told each line of it."""
        self.command = command
        self._group = group
        self._show = show
        self._pause = _FIRST_PAUSE_SECONDS
        self._again_at: float | None = None
        self._peace_ends_at = 0.0
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        command.log.parent.mkdir(parents=True, exist_ok=True)
        self._log = RotatingFileHandler(
            command.log, maxBytes=_LOG_KEPT_BYTES, backupCount=1, encoding="utf-8"
        )
        self._start()

    @property
    def pid(self) -> int:
        """The process that runs now, or ran last."""
        return self._process.pid

    def tend(self) -> str | None:
        """Start the command again where it ended and its pause is over; what there is to say of it."""
        now = time.monotonic()
        if self._again_at is not None:
            if now < self._again_at:
                return None
            self._again_at = None
            self._start()
            return f"{self.command.name} is started again (process {self.pid})."
        code = self._process.poll()
        if code is None:
            return None
        if now - self._started_at >= _WELL_SECONDS:
            self._pause = _FIRST_PAUSE_SECONDS
        pause, self._pause = self._pause, min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        self._again_at = now + pause
        said = "".join(f"\n  {line}" for line in self._last_lines)
        return (
            f"{self.command.name} {_how_it_ended(code)}; it is started again in {pause:.0f} s. "
            f"See {self.command.log}{said}"
        )

    def ask_to_stop(self) -> None:
        """Send the command the signal on which it ends in peace."""
        self._again_at = None
        self._peace_ends_at = time.monotonic() + self.command.peace_seconds
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def is_ending(self) -> bool:
        """Whether it was asked to stop, has not ended yet, and may take more time for it."""
        return self._process.poll() is None and time.monotonic() < self._peace_ends_at

    def leave(self) -> None:
        """Wait no longer for its end: kill it where nothing is lost, else leave it to the guardian."""
        if self.command.is_disposable and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        if self.command.socket is not None:
            self.command.socket.unlink(missing_ok=True)
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(
            self.command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.command.folder,
            env=self.command.environ,
            process_group=self._group,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        assert self._process.stdout is not None
        threading.Thread(
            target=self._keep_lines, args=[self._process.stdout], name=self.command.name, daemon=True
        ).start()

    def _keep_lines(self, output: IO[str]) -> None:
        """Write the lines to the log until all who could write them have ended."""
        with output:
            for text in output:
                line = _COLOURS.sub("", text.rstrip("\n"))
                self._last_lines.append(line)
                self._log.emit(logging.LogRecord("", logging.INFO, "", 0, line, None, None))
                if self._show is not None:
                    self._show(self.command.name, line)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
