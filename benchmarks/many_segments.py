"""What a thousand segments of five rules each cost: to validate, to compile, to parse and to build.

    .venv/bin/python -m benchmarks.many_segments --customers 2000 --segments 1000 --features 900

The rules are drawn from a number of distinct features, half of them shared by several segments, as in a shop where people write segments
that look alike. Each figure is the median of the turns; the build of the hundred segments of `conditions` in the same run is
what to compare with.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.conditions import hundred_conditions
from benchmarks.projects import AS_OF, drop_built, write_segments
from maho_segments.language import advise, check_project, compile_plan, render_plan_macro
from maho_segments.services.dbt import DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import Silence
from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import EmbeddedServer, connect, ensure_running
from tests.projects import copy_project

Rule = dict[str, Any]
RULES_PER_SEGMENT = 5


def main() -> None:
    """Run the benchmark and print its figures as a table."""
    arguments = _arguments()
    definitions: dict[str, dict[str, Rule]] = {
        "100 segments": {segment.name: {"match": segment.match} for segment in hundred_conditions()},
        f"{arguments.segments:,} segments": many_segments(arguments.segments, arguments.features),
    }
    with tempfile.TemporaryDirectory(prefix="segments-benchmark-") as scratch:
        environ = {**os.environ, "SEGMENTS_WAREHOUSE_DIR": f"{scratch}/warehouse"}
        project = copy_project(Path(scratch) / "project")
        settings = ensure_running(project, environ)
        try:
            with connect(settings) as connection:
                print(f"Generating a shop with {arguments.customers:,} customers ...", flush=True)
                generate_shop(connection, customers=arguments.customers, seed=1, now=AS_OF)
            for title, segments in definitions.items():
                write_segments(project, segments)
                checked = check_project(project)
                plan = compile_plan(checked)
                features = sum(len(relation["features"]) for relation in plan["relations"].values())
                figures = {
                    "validate": median(partial(check_project, project), arguments.turns),
                    "advise": median(partial(advise, checked), arguments.turns),
                    "compile the plan": median(partial(compile_plan, checked), arguments.turns),
                }
                dbt = DbtProject(project, settings, environ)
                figures["dbt parse"] = median(dbt.parse, 1)
                for what in ("first build", "second build"):
                    if what == "first build":
                        drop_built(settings)
                    started = time.perf_counter()
                    nodes = dbt.build(
                        variables={"as_of": format_instant(AS_OF)}, with_tests=False, progress=Silence()
                    )
                    figures[what] = time.perf_counter() - started
                    for node in nodes:
                        if node.name in ("profile_features", "segment_memberships"):
                            figures[f"  {node.name}"] = node.seconds
                size = len(render_plan_macro(plan)) / 1024
                print(
                    f"\n{title}, {count_rules(segments):,} rules, {features:,} features, plan {size:,.0f} KB"
                )
                for name, seconds in figures.items():
                    print(f"  {name:<24}{seconds:8.2f} s")
        finally:
            EmbeddedServer.of_project(project, environ).delete()


def many_segments(count: int, features: int, seed: int = 1) -> dict[str, Rule]:
    """That many segments of five rules each, which ask for so many distinct features between them."""
    chance = random.Random(seed)
    kinds = [_orders, _items, _carts, _views, _refunds]
    pool = [kinds[number % len(kinds)](number) for number in range(features)]
    # Each feature is used at least once; the rest of the rules come back to some of them, or ask about the profile.
    waiting = cycle(chance.sample(pool, len(pool)))
    segments: dict[str, Rule] = {}
    for number in range(count):
        rules = [next(waiting) for _ in range(2)]
        rules += [chance.choice(pool[: max(1, features // 2)]) for _ in range(2)]
        rules.append(_about_the_profile(number))
        segments[f"segment_{number:04}"] = {"match": {"any" if number % 4 == 0 else "all": rules}}
    return segments


def count_rules(segments: dict[str, Rule]) -> int:
    """How many rules the segments are made of, one level below `match`."""
    rules = [match for segment in segments.values() for match in segment["match"].values()]
    return sum(len(rule) if isinstance(rule, list) else 1 for rule in rules)


def median(work: Callable[[], object], turns: int) -> float:
    """The median of the seconds that the work takes."""
    seconds = []
    for _ in range(turns):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _orders(number: int) -> Rule:
    return {
        "orders": {
            "where": {"state": {"ne": "canceled"}},
            "within": f"{number + 1} days",
            "sum": {"grand_total": {"gt": 10}},
        }
    }


def _items(number: int) -> Rule:
    return {"order_items": {"where": {"price": {"gt": number}}, "count": {"gte": 1}}}


def _carts(number: int) -> Rule:
    return {"carts": {"where": {"grand_total": {"gt": number}}, "older_than": "1 hour"}}


def _views(number: int) -> Rule:
    return {"product_views": {"where": {"product.price": {"gt": number}}, "count": {"gte": 2}}}


def _refunds(number: int) -> Rule:
    return {"refunds": {"where": {"grand_total": {"gt": number}}, "max": {"grand_total": {"lt": 100_000}}}}


def _about_the_profile(number: int) -> Rule:
    return {"created_at": {"older_than": f"{number + 1} hours"}}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--segments", type=int, default=1_000)
    parser.add_argument("--features", type=int, default=900)
    parser.add_argument("--turns", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
