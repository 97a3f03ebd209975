"""What it costs to know when the clock will change an answer, and how often that is known for nothing.

    .venv/bin/python -m benchmarks.clock --customers 20000

Generates a shop in a warehouse of its own and builds the example segments. Then the two long statements of a full build, features and
members, take turns with and without the plan's clocks; and it is counted who comes due at a midnight and in a day, and whose segments
change then.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.full_build import AS_OF
from maho_segments.language import check_project, compile_plan, compile_selection, plan_expression, write_plan
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Silence
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, ensure_running
from tests.projects import copy_project

_TABLES = """
{%- set plan = PLAN -%}
{%- set tables, positions = {}, {} -%}
{%- for model in plan_models(plan) + table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- for segment in plan.segments -%}{%- do positions.update({segment.name: loop.index0}) -%}{%- endfor -%}
"""
_FEATURES = "{{ profile_features_query(plan, tables, get_as_of()) }}"
_MEMBERS = """
{%- set base = population_ctes(plan, tables, 'kept_features', get_as_of()) -%}
with {{ base.ctes }}
select
    {{ base.name }}.profile_id,
    array_remove(array[{{ evaluated_segments(plan, positions, base.scope) }}]::integer[], null) as segments
    {%- if plan.clocks -%}, {{ next_change_expression(plan, base.scope) }} as next_change_at {%- endif %}
from {{ base.name }}
"""


class _Shop:
    """A built shop, whose statements are timed."""

    def __init__(self, dbt: DbtProject, connection: psycopg.Connection) -> None:
        self._dbt = dbt
        self._connection = connection

    def seconds(self, plan: Any, as_of: datetime) -> tuple[float, float]:
        """How long features and members take; they are left in the tables kept_features and kept_members."""
        taken = []
        for name, statement in (("kept_features", _FEATURES), ("kept_members", _MEMBERS)):
            text = (_TABLES + statement).replace("PLAN", plan_expression(plan))
            query = self._dbt.compile_inline(text, variables={"as_of": format_instant(as_of)})
            self._connection.execute(f"drop table if exists {name}".encode())
            start = time.perf_counter()
            self._connection.execute(f"create temp table {name} as {query}".encode())
            taken.append(time.perf_counter() - start)
            self._connection.execute(f"analyze {name}".encode())
        return taken[0], taken[1]

    def members(self) -> dict[int, tuple[tuple[int, ...], datetime | None]]:
        """Each profile's segments, and when the clock changes them."""
        rows = self._connection.execute("select profile_id, segments, next_change_at from kept_members")
        return {profile: (tuple(segments), change) for profile, segments, change in rows}


def main() -> None:
    """Run the benchmark and print its figures."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="segments-benchmark-") as scratch:
        project = copy_project(Path(scratch) / "project")
        environ = {**os.environ, "SEGMENTS_WAREHOUSE_DIR": f"{scratch}/warehouse"}
        settings = ensure_running(project, environ)
        try:
            checked = check_project(project)
            plan, plain = compile_plan(checked), compile_selection(checked, checked.segments)
            write_plan(project, plan)
            with connect(settings) as connection:
                generate_shop(connection, customers=arguments.customers, seed=1, now=AS_OF)
            dbt = DbtProject(project, settings, environ)
            dbt.build(variables={"as_of": format_instant(AS_OF)}, with_tests=False, progress=Silence())
            with connect(settings, autocommit=True) as connection:
                shop = _Shop(dbt, connection)
                _print_cost(shop, plan, plain, arguments.turns)
                for first, hours in ((21, 3), (9, 3), (9, 24)):
                    _print_due(shop, plan, AS_OF.replace(hour=first), timedelta(hours=hours))
        finally:
            EmbeddedServer.of_project(project, environ).delete()


def _print_cost(shop: _Shop, plan: Any, plain: Any, turns: int) -> None:
    pairs = [(shop.seconds(plain, AS_OF), shop.seconds(plan, AS_OF)) for _ in range(turns)]
    for place, name in enumerate(("features", "members")):
        without = statistics.median(pair[0][place] for pair in pairs)
        with_clocks = statistics.median(pair[1][place] for pair in pairs)
        print(
            f"{name}: {without:.2f} s without clocks, {with_clocks:.2f} s with them ({with_clocks / without:.2f})"
        )


def _print_due(shop: _Shop, plan: Any, first: datetime, length: timedelta) -> None:
    """Who comes due between two instants in which the shop's rows stay as they are, and whose segments change."""
    found = []
    for instant in (first, first + length):
        shop.seconds(plan, instant)
        found.append(shop.members())
    before, after = found
    due = {name for name, (_, change) in before.items() if change is not None and change < first + length}
    changed = {name for name, (segments, _) in before.items() if after[name][0] != segments}
    assert changed <= due, "the clock was late"
    print(
        f"{format_instant(first)} to {format_instant(first + length)}: {len(before):,} profiles, {len(due):,} due "
        f"({len(due) / len(before):.1%}), {len(changed):,} changed ({len(changed) / max(len(due), 1):.0%} of them)"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--turns", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
