"""The tables and the picture of docs/benchmarks.md, from the files that `refresh.py` writes.

    .venv/bin/python -m benchmarks.report .benchmarks/*/[0-9]*.json

Each file is named after the customers and the segments of its run. The figures replace what stands between the marks of the page.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.picture import Line, draw_lines

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
PICTURE = DOCS / "images" / "refresh.svg"
_MARKS = ("<!-- measured -->\n", "<!-- end of what was measured -->\n")
_SHARES = (0.01, 0.1, 1.0, 10.0)
# Of the full build, in percent.
_TARGETS = {"touched 0.01 %": 0.3, "touched 0.1 %": 1, "touched 1 %": 5, "midnight": 15}
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Run:
    """The steps of one file, each with its turns."""

    customers: int
    segments: int
    steps: dict[str, list[dict[str, Any]]]

    @property
    def title(self) -> str:
        """The size of the shop and of the definitions."""
        return f"{self.customers:,} customers, {self.segments} segments"

    def median(self, step: str, figure: Callable[[dict[str, Any]], float]) -> float:
        """The median of a figure over the turns of a step."""
        return statistics.median(figure(turn) for turn in self.steps[step])

    @property
    def refreshes(self) -> list[str]:
        """The steps that are refreshes."""
        return [step for step, turns in self.steps.items() if "cost" in turns[0]]

    @property
    def full_seconds(self) -> float:
        """What everything else is a share of: a build of an empty schema."""
        return self.median("full build", lambda turn: turn["build"]["seconds"])


def main() -> None:
    """Write the page and the picture anew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    runs = sorted(map(read_run, parser.parse_args().files), key=lambda run: (-run.customers, run.segments))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_MARKS[0])
    after = rest.partition(_MARKS[1])[2]
    PAGE.write_text(
        before + _MARKS[0] + "\n" + "\n".join(tables(runs)) + "\n" + _MARKS[1] + after, encoding="utf-8"
    )
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(runs), encoding="utf-8")


def read_run(file: Path) -> Run:
    """The run of a file, its steps without the numbers of their turns."""
    customers, segments = map(int, file.stem.split("-"))
    steps: dict[str, list[dict[str, Any]]] = {}
    for name, result in json.loads(file.read_text(encoding="utf-8")).items():
        if isinstance(result, dict):
            steps.setdefault(re.sub(r"(?<=[a-z%]) \d+$", "", name), []).append(result)
    return Run(customers, segments, steps)


def tables(runs: list[Run]) -> Iterable[str]:
    """The lines of all tables."""
    yield "## Full builds"
    yield ""
    yield from _table(
        ("", "profiles", "memberships", "build", "in the database", "by hand", "build / by hand: at most 3", "parent's shape",
         "parent's shape / build: at least 10"),
        (_full_row(run) for run in runs),
    )  # fmt: skip
    for run in runs:
        refreshes = run.refreshes
        yield f"## Refreshes: {run.title}"
        yield ""
        yield from _table(
            ("", "looked at", "entered and left", "seconds, all in", "seconds in the database", "share of the build, all in",
             "share in the database", "target", "WAL, MB", "tables written, MB", "full run at that instant, s"),
            (_refresh_row(run, step) for step in refreshes),
        )  # fmt: skip
        nodes = list(
            dict.fromkeys(
                name for step in refreshes for turn in run.steps[step] for name in turn["cost"]["nodes"]
            )
        )
        yield "Seconds of each model, as dbt counts them:"
        yield ""
        yield from _table(("", *refreshes), (_node_row(run, node, refreshes) for node in nodes))
    yield "## An untouched shop"
    yield ""
    yield from _table(
        ("seconds", "in the database", "dbt's models, their statements among them", "dbt and Python around them", "all in, warm",
         "by the command"),
        (_overhead_row(run) for run in runs if "untouched" in run.steps),
    )  # fmt: skip
    yield "## Memory"
    yield ""
    yield from _table(
        ("", "the server's processes in a full build, MB", "in the largest refresh", "this program, MB"),
        (_memory_row(run) for run in runs),
    )


def picture(runs: list[Run]) -> str:
    """The share of a full build that refreshes cost, by the share of the customers who did something."""
    lines = [line for run in runs for line in _lines(run)]
    targets = [
        (share, _TARGETS[f"touched {share:g} %"]) for share in _SHARES if f"touched {share:g} %" in _TARGETS
    ]
    lines.append(Line("target", targets, is_marks=True))
    return draw_lines(
        lines, across="customers who did something, %", up="seconds of a refresh, % of the full build"
    )


def _lines(run: Run) -> Iterator[Line]:
    shares = [share for share in _SHARES if f"touched {share:g} %" in run.steps]

    def points(figure: str) -> list[tuple[float, float]]:
        seconds = [run.median(f"touched {share:g} %", lambda turn: turn["cost"][figure]) for share in shares]
        return [
            (share, 100 * second / run.full_seconds) for share, second in zip(shares, seconds, strict=True)
        ]

    yield Line(f"{run.title}, all in", points("seconds"), is_dashed=True)
    yield Line(f"{run.title}, in the database", points("database_seconds"))


def _full_row(run: Run) -> list[str]:
    full = run.full_seconds
    by_hand = run.median("full build", lambda turn: turn["hand_written"])
    parents = [turn["seconds"] for turn in run.steps.get("parent's shape", [])]
    first = run.steps["full build"][0]
    return [
        run.title,
        f"{first['profiles']:,}",
        f"{first['memberships']:,}",
        f"{full:.1f} s",
        f"{run.median('full build', lambda turn: turn['build']['database_seconds']):.1f} s",
        f"{by_hand:.1f} s",
        f"{full / by_hand:.1f}",
        f"{statistics.median(parents):.0f} s" if parents else "",
        f"{statistics.median(parents) / full:.1f}" if parents else "",
    ]


def _refresh_row(run: Run, step: str) -> list[str]:
    def cost(name: str) -> float:
        return run.median(step, lambda turn: turn["cost"][name])

    def least(name: str) -> float:
        """Of the turn in which the server did least beside the refresh: it also vacuums."""
        return min(float(turn["cost"][name]) for turn in run.steps[step])

    last = run.steps[step][-1]
    ran = last.get("run", {})
    looked_at = ran.get("profiles_evaluated")
    share = 100 * cost("seconds") / run.full_seconds
    in_database = 100 * cost("database_seconds") / run.full_seconds
    fulls = [turn["full_run"]["cost"]["seconds"] for turn in run.steps[step] if "full_run" in turn]
    return [
        step,
        f"{looked_at:,}" if looked_at is not None else "",
        f"{(ran.get('entered_count') or 0) + (ran.get('left_count') or 0):,}" if ran else "",
        f"{cost('seconds'):.2f}",
        f"{cost('database_seconds'):.2f}",
        f"{share:.2f} %",
        f"{in_database:.2f} %",
        _verdict(_TARGETS[step], share, in_database) if step in _TARGETS else "",
        f"{least('wal_bytes') / _MEGABYTE:.1f}",
        f"{least('written_bytes') / _MEGABYTE:.1f}",
        f"{statistics.median(fulls):.1f}" if fulls else "",
    ]


def _verdict(target: float, share: float, in_database: float) -> str:
    """The target, and whether it was met."""
    if share <= target:
        return f"{target} %: met"
    return f"{target} %: " + ("met in the database" if in_database <= target else "missed")


def _overhead_row(run: Run) -> list[str]:
    def median(figure: Callable[[dict[str, Any]], float]) -> str:
        return f"{run.median('untouched', lambda turn: figure(turn['cost'])):.2f}"

    commands = run.steps.get("untouched, by the command")
    return [
        run.title,
        median(lambda cost: cost["database_seconds"]),
        median(lambda cost: sum(cost["nodes"].values())),
        median(lambda cost: cost["seconds"] - sum(cost["nodes"].values())),
        median(lambda cost: cost["seconds"]),
        f"{commands[0]['cost']['seconds']:.2f}" if commands else "",
    ]


def _node_row(run: Run, node: str, steps: list[str]) -> list[str]:
    return [
        node,
        *(
            f"{run.median(step, lambda turn: turn['cost']['nodes'].get(node, 0)):.2f}"
            if any(node in turn["cost"]["nodes"] for turn in run.steps[step])
            else ""
            for step in steps
        ),
    ]


def _memory_row(run: Run) -> list[str]:
    def peak(steps: Iterable[str], cost: str, figure: str) -> str:
        found = [turn[cost][figure] or 0 for step in steps for turn in run.steps[step] if cost in turn]
        return f"{max(found) / _MEGABYTE:,.0f}" if found else ""

    return [
        run.title,
        peak(["full build"], "build", "server_bytes"),
        peak(run.refreshes, "cost", "server_bytes"),
        peak(run.steps, "cost", "client_bytes"),
    ]


def _table(head: Iterable[str], rows: Iterable[list[str]]) -> Iterable[str]:
    titles = list(head)
    yield "| " + " | ".join(titles) + " |"
    yield "|" + " --- |" * len(titles)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


if __name__ == "__main__":
    main()
