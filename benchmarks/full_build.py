"""How long a full build of a hundred segments takes beside one hand-written statement for the same segments.

    .venv/bin/python -m benchmarks.full_build --customers 200000

Generates a shop in a warehouse of its own, then takes turns: an empty schema built by the project (all models, no tests), and the
hand-written statement with its key. Both write who is in what; the members must be the same, or it fails. What counts is the ratio:
the seconds are those of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from benchmarks.hand_written import membership_statement
from benchmarks.hundred_segments import TwiceWritten, hundred_segments
from benchmarks.projects import drop_built, write_segments
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import NodeEvent, Silence
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import ConnectionSettings, EmbeddedServer, connect, ensure_running
from tests.projects import copy_project

AS_OF = datetime(2026, 1, 15, 12, tzinfo=UTC)
HAND_TABLE = "hand_written_memberships"


@dataclass(frozen=True)
class Turn:
    """The seconds of one turn: the whole build, its models by name, and the hand-written statement."""

    build: float
    models: dict[str, float]
    hand_written: float

    @property
    def in_database(self) -> float:
        """The part of the build that its tables take; the rest is dbt, and views that are only declared."""
        return sum(self.models.values())


def main() -> None:
    """Run the benchmark and print its figures."""
    arguments = _arguments()
    segments = hundred_segments()
    with tempfile.TemporaryDirectory(prefix="segments-benchmark-") as scratch:
        project = copy_project(Path(scratch) / "project")
        write_segments(project, {segment.name: {"match": segment.match} for segment in segments})
        environ = {**os.environ, "SEGMENTS_WAREHOUSE_DIR": arguments.warehouse or f"{scratch}/warehouse"}
        settings = ensure_running(project, environ)
        try:
            with connect(settings) as connection:
                if not _has_shop(connection):
                    print(f"Generating a shop with {arguments.customers:,} customers ...", flush=True)
                    generate_shop(connection, customers=arguments.customers, seed=1, now=AS_OF)
            dbt = DbtProject(project, settings, environ)
            dbt.parse()
            turns = []
            for number in range(arguments.turns):
                turns.append(take_turn(dbt, settings, segments))
                print(f"Turn {number + 1}: {json.dumps(_rounded(turns[-1]))}", flush=True)
            report(turns, settings)
            compare_members(settings, segments)
        finally:
            if settings.target == "embedded":
                server = EmbeddedServer.of_project(project, environ)
                if arguments.warehouse:
                    server.stop()
                else:
                    server.delete()


def take_turn(dbt: DbtProject, settings: ConnectionSettings, segments: list[TwiceWritten]) -> Turn:
    """Build everything into an empty schema, then write the same by hand."""
    with connect(settings, autocommit=True) as connection:
        connection.execute(f"drop table if exists {HAND_TABLE}".encode())
    drop_built(settings)
    started = time.perf_counter()
    nodes = dbt.build(variables={"as_of": format_instant(AS_OF)}, with_tests=False, progress=Silence())
    built = time.perf_counter() - started
    with connect(settings, autocommit=True) as connection:
        started = time.perf_counter()
        statement = membership_statement(segments, HAND_TABLE)
        as_of = AS_OF.replace(tzinfo=None).isoformat()
        psycopg.ClientCursor(connection).execute(statement.encode(), {"as_of": as_of})
        connection.execute(f"alter table {HAND_TABLE} add primary key (segment_id, customer_id)".encode())
        connection.execute(f"create index on {HAND_TABLE} (customer_id)".encode())
        by_hand = time.perf_counter() - started
    return Turn(built, {node.name: node.seconds for node in nodes if _is_table(node)}, by_hand)


def _is_table(node: NodeEvent) -> bool:
    return node.kind == "model" and node.materialization.startswith("incremental")


def compare_members(settings: ConnectionSettings, segments: list[TwiceWritten]) -> None:
    """Fail, naming the segments and by how much, when the two forms disagree on anybody."""
    names = [segment.name for segment in segments]
    with connect(settings) as connection:
        different = connection.execute(
            f"""
            with built as (select segment_name, customer_id from segments.segment_members),
            by_hand as (
                select names.segment_name, customer_id
                from {HAND_TABLE}
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
            f"  {name}: {only_hand} only by hand, {only_built} only by the build"
            for name, only_hand, only_built in different
        ]
        raise SystemExit("The two forms have different members:\n" + "\n".join(lines))
    print("Both forms have the same members.")


def report(turns: list[Turn], settings: ConnectionSettings) -> None:
    """Print medians and ratios."""
    with connect(settings) as connection:
        row = connection.execute(
            "select (select count(*) from segments.profiles), (select count(*) from segments.segment_memberships)"
        ).fetchone()
    assert row is not None
    print(f"{row[0]:,} profiles, {row[1]:,} memberships, {len(turns)} turns, medians:")
    print(f"  full build             {statistics.median(turn.build for turn in turns):8.1f} s")
    print(f"  of which its tables    {statistics.median(turn.in_database for turn in turns):8.1f} s")
    for name in turns[0].models:
        print(f"    {name:<28} {statistics.median(turn.models[name] for turn in turns):6.1f} s")
    print(f"  hand-written statement {statistics.median(turn.hand_written for turn in turns):8.1f} s")
    print(
        f"  ratio, full build      {statistics.median(turn.build / turn.hand_written for turn in turns):8.2f}"
    )
    print(
        f"  ratio, its tables      {statistics.median(turn.in_database / turn.hand_written for turn in turns):8.2f}"
    )


def _has_shop(connection: psycopg.Connection) -> bool:
    row = connection.execute("select to_regclass('maho.customer_entity') is not null").fetchone()
    return bool(row and row[0])


def _rounded(turn: Turn) -> dict[str, float]:
    return {
        "build": round(turn.build, 1),
        "tables": round(turn.in_database, 1),
        "hand_written": round(turn.hand_written, 1),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--warehouse", help="folder of a warehouse that has the shop from an earlier run, or is to keep it"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
