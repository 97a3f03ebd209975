"""How long a full build takes beside two ways of writing the same members by hand.

    .venv/bin/python -m benchmarks.full_build --customers 200000 --segments 100

Takes turns: an empty schema built by the project (all models, no tests); one hand-written statement that makes a pass over each table
(`hand_written.py`); and a statement per segment with a subquery per condition (`parent_shape.py`). All write who is in what; the members
must be the same, or it fails. What counts is the ratio: the seconds are those of the machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import parent_shape
from benchmarks.conditions import ThriceWritten, mixed_segments
from benchmarks.hand_written import membership_statement
from benchmarks.meters import measured
from benchmarks.projects import AS_OF, Laboratory, drop_built, laboratory, write_segments
from maho_segments.services.build import build
from maho_segments.services.dbt import DbtProject
from maho_segments.services.progress import NodeEvent, Silence
from maho_segments.warehouse import ConnectionSettings, connect

HAND_TABLE = "hand_written_memberships"


def main() -> None:
    """Run the benchmark and print its figures."""
    arguments = _arguments()
    segments = mixed_segments(arguments.segments)
    with laboratory(arguments.folder, arguments.customers) as place:
        write_segments(
            place.workspace.folder, {segment.name: {"match": segment.match} for segment in segments}
        )
        turns = []
        for number in range(arguments.turns):
            turns.append(take_turn(place, segments, AS_OF, with_parent=not arguments.without_parent))
            print(f"Turn {number + 1}: {json.dumps(turns[-1])}", flush=True)
    report(turns)


def take_turn(
    place: Laboratory, segments: list[ThriceWritten], as_of: datetime, *, with_parent: bool = True
) -> dict[str, Any]:
    """Build everything into an empty schema, then write the same by hand; the seconds of each, and what the build cost.

    The shop's changes are captured from then on, so that refreshes can go on from here. Fails, naming the segments, where two forms disagree
    on anybody.
    """
    settings = place.settings
    with connect(settings, autocommit=True) as connection:
        connection.execute(f"drop table if exists {HAND_TABLE}".encode())
    drop_built(settings)
    place.command("capture", "install")
    with measured(settings) as cost:
        report = build(place.workspace, as_of=as_of, progress=Silence(), dbt=untested(place))
    cost.nodes = seconds_by_node(report.nodes)
    turn: dict[str, Any] = {"build": asdict(cost), "hand_written": by_hand(settings, segments, as_of)}
    compare_members(settings, segments, HAND_TABLE)
    if with_parent:
        turn["parent_shape"] = by_parent_shape(settings, segments, as_of)
    with connect(settings) as connection:
        row = connection.execute(
            "select (select count(*) from segments.profiles), (select count(*) from segments.segment_memberships)"
        ).fetchone()
    assert row is not None
    return {**turn, "profiles": row[0], "memberships": row[1]}


class _Untested(DbtProject):
    def build(self, **arguments: Any) -> list[NodeEvent]:
        return super().build(**{**arguments, "with_tests": False})


def untested(place: Laboratory) -> DbtProject:
    """The project for builds without dbt's tests."""
    return _Untested(place.workspace.folder, place.settings, place.workspace.environ)


def seconds_by_node(nodes: Iterable[NodeEvent]) -> dict[str, float]:
    """The seconds of each table, and of all views together, which are only declared."""
    found = {"views": 0.0}
    for node in nodes:
        is_table = node.kind == "model" and node.materialization != "view"
        found[node.name if is_table else "views"] = node.seconds + (0 if is_table else found["views"])
    return found


def by_hand(settings: ConnectionSettings, segments: list[ThriceWritten], as_of: datetime) -> float:
    """Write the members with one statement and two indexes; its seconds."""
    with connect(settings, autocommit=True) as connection:
        connection.execute(f"drop table if exists {HAND_TABLE}".encode())
        started = time.perf_counter()
        statement = membership_statement(segments, HAND_TABLE)
        psycopg.ClientCursor(connection).execute(statement.encode(), {"as_of": _in_utc(as_of)})
        connection.execute(f"alter table {HAND_TABLE} add primary key (segment_id, customer_id)".encode())
        connection.execute(f"create index on {HAND_TABLE} (customer_id)".encode())
        return time.perf_counter() - started


def by_parent_shape(settings: ConnectionSettings, segments: list[ThriceWritten], as_of: datetime) -> float:
    """Write the members with a statement per segment; the seconds of these. Fails where they are not those of the build."""
    with connect(settings, autocommit=True) as connection:
        parent_shape.prepare(connection, _in_utc(as_of))
        cursor = psycopg.ClientCursor(connection)
        started = time.perf_counter()
        for statement in parent_shape.statements(segments):
            cursor.execute(statement.encode(), {"as_of": _in_utc(as_of)})
        seconds = time.perf_counter() - started
        compare_members(settings, segments, parent_shape.MEMBERS)
        connection.execute(f"drop schema {parent_shape.SCHEMA} cascade".encode())
        return seconds


def compare_members(settings: ConnectionSettings, segments: list[ThriceWritten], table: str) -> None:
    """Fail, naming the segments and by how much, when the build and a table of members by hand disagree on anybody."""
    names = [segment.name for segment in segments]
    with connect(settings) as connection:
        different = connection.execute(
            f"""
            with built as (select segment_name, customer_id from segments.segment_members),
            by_hand as (
                select names.segment_name, customer_id
                from {table}
                inner join unnest(%s::text[]) with ordinality as names (segment_name, segment_id) using (segment_id)
            )
            select segment_name, count(*) filter (where built.customer_id is null), count(*) filter (where by_hand.customer_id is null)
            from built full outer join by_hand using (segment_name, customer_id)
            where built.customer_id is null or by_hand.customer_id is null
            group by segment_name order by segment_name
            """.encode(),
            [names],
        ).fetchall()
    if different:
        lines = [
            f"  {name}: {only_hand} only there, {only_built} only in the build"
            for name, only_hand, only_built in different
        ]
        raise SystemExit(f"The build and {table} have different members:\n" + "\n".join(lines))


def report(turns: list[dict[str, Any]]) -> None:
    """Print medians and ratios."""

    def line(title: str, seconds: list[float]) -> None:
        print(f"  {title:<32}{statistics.median(seconds):9.1f} s")

    print(
        f"{turns[0]['profiles']:,} profiles, {turns[0]['memberships']:,} memberships, {len(turns)} turns, medians:"
    )
    line("full build", [turn["build"]["seconds"] for turn in turns])
    line("of which inside the database", [turn["build"]["database_seconds"] for turn in turns])
    for name in turns[0]["build"]["nodes"]:
        line(f"  {name}", [turn["build"]["nodes"][name] for turn in turns])
    for form in ("hand_written", "parent_shape"):
        if form in turns[0]:
            line(form.replace("_", " "), [turn[form] for turn in turns])
            ratio = statistics.median(turn["build"]["seconds"] / turn[form] for turn in turns)
            print(f"    full build / {form}: {ratio:.2f}")


def _in_utc(as_of: datetime) -> str:
    return as_of.replace(tzinfo=None).isoformat()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--without-parent", action="store_true", help="leave out the slow shape")
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the shop is kept for the next time: some GB"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
