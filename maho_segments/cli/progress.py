"""How a long command shows what it is doing, on standard error."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from maho_segments.cli.output import count, counted, talk_console
from maho_segments.services.progress import NodeEvent

_GOOD = ("success", "pass", "no-op")


class ProgressDisplay:
    """Steps and models as lines; on a terminal, with a bar below them for what is under way.

    A model that writes rows gets a line, with their number where dbt knows it. Views and tests are many and
    quick: they are counted, and get a line only when they fail.
    """

    def __init__(self) -> None:
        self._console: Console = talk_console()
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            # Both lead nowhere while dbt works; this console writes to the terminal itself.
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("", total=None, visible=False)
        self._views = 0
        self._tests = 0
        self._skipped = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._skipped:
            self._print(f"  {count(self._skipped)} more were not run for it", style="dim")
        elif self._tests:
            self._print(f"  {counted(self._views, 'view')} and {counted(self._tests, 'test')}", style="dim")

    def step(self, text: str) -> None:
        """Say which part of the work begins."""
        self._print(text)

    def part(self, what: str, done: int, total: int) -> None:
        """Show a bar of what is under way."""
        self._bar.update(self._task, description=what, completed=done, total=total, visible=True)

    def total(self, nodes: int) -> None:
        """Show a bar of so many dbt nodes; what was counted of an earlier invocation counts no more."""
        self._views = self._tests = self._skipped = 0
        self._bar.update(self._task, total=nodes, completed=0, visible=True)

    def node(self, event: NodeEvent) -> None:
        """Show that a dbt node began or ended."""
        if event.state == "started":
            self._bar.update(self._task, description=event.name)
            return
        self._bar.advance(self._task)
        self._views += event.materialization == "view"
        self._tests += event.kind == "test"
        if event.status == "skipped":
            self._skipped += 1
        elif event.status not in _GOOD:
            self._print(
                f"  {event.name:<34} {event.status}", style="yellow" if event.status == "warn" else "red"
            )
        elif event.kind == "model" and event.materialization != "view":
            rows = "" if event.rows is None else counted(event.rows, "row")
            self._print(f"  {event.name:<34} {rows:>16} {event.seconds:>7.1f} s")

    def note(self, text: str) -> None:
        """Pass on what a macro logs."""
        self._print(f"  {text}", style="dim")

    def _print(self, text: str, *, style: str = "") -> None:
        self._console.print(Text(text, style=style))
