"""A shop whose own segments are imported and built: who is in each of them."""

import json
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.integration.cli.conftest import Shell, new_shell
from tests.integration.importing.shop import AS_OF, write_shop
from tests.integration.importing.trees import (
    APPROXIMATE,
    CASE_SENSITIVE,
    COMBINATIONS,
    EVERYBODY,
    EXACT,
    RESTRICTED,
    Tree,
    cases,
    random_trees,
)

__all__ = ["new_shell"]

RANDOM_TREES = int(os.environ.get("SEGMENTS_IMPORTED_TREES", "200"))
"""As many in each run, and always the same."""


@dataclass(frozen=True)
class ImportedShop:
    """The built shop, its trees by name, what each import reported, and the members by the tree's name."""

    shell: Shell
    trees: dict[str, Tree]
    reports: dict[str, dict[str, Any]]
    members: dict[str, set[int]]


def some_random_trees() -> dict[str, Tree]:
    """The same trees each time, for one build of all."""
    found: list[Tree] = []

    @settings(
        max_examples=RANDOM_TREES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(random_trees())
    def collect(tree: Tree) -> None:
        found.append(tree)

    collect()
    return {f"random {number}": tree for number, tree in enumerate(found)}


@pytest.fixture(scope="session")
def imported_shop(new_shell: Callable[[], Shell], tmp_path_factory: pytest.TempPathFactory) -> ImportedShop:
    """Each tree is a segment of the shop: imported, built, its members looked up."""
    shell = new_shell()
    loaded = shell.run("load", str(write_shop(tmp_path_factory.mktemp("shop"))))
    assert loaded.exit_code == 0, loaded.stderr
    restricted = dict.fromkeys(RESTRICTED, EVERYBODY)
    trees = {**dict(cases(EXACT)), **COMBINATIONS, **restricted, **some_random_trees()}
    approximate = dict(cases(APPROXIMATE))
    sensitive = {f"{name}, case matters": tree for name, tree in cases(CASE_SENSITIVE)}
    reports = {
        "exact": _take_over(shell, trees, is_first=True),
        "approximate": _take_over(shell, approximate, "--approximate"),
        "case-sensitive": _take_over(shell, sensitive, "--case-sensitive"),
    }
    shell.ask("build", "--as-of", f"{AS_OF:%Y-%m-%dT%H:%M:%S}Z")
    by_name: dict[str, set[int]] = defaultdict(set)
    for name, customer_id in shell.database.rows(
        "select segment_name, customer_id from segments.segment_members"
    ):
        by_name[name].add(customer_id)
    # Two trees can become one rule: the later one is there already.
    members = {
        segment["label"]: by_name[segment["name"]]
        for report in reports.values()
        for segment in [*report["imported"], *report["already_there"]]
    }
    return ImportedShop(shell, {**trees, **approximate, **sensitive}, reports, members)


def _take_over(shell: Shell, trees: dict[str, Tree], *options: str, is_first: bool = False) -> dict[str, Any]:
    """Import the trees as the shop's segments, and add the result to the files of the project."""
    with shell.database.connect() as connection:
        connection.execute("delete from maho.customer_segment")
        for number, (name, tree) in enumerate(trees.items(), start=1):
            connection.execute(
                "insert into maho.customer_segment (segment_id, name, conditions_serialized, "
                "website_ids, customer_group_ids) "
                "values (%s, %s, %s, %s, %s)",
                [number, name, json.dumps(tree), *RESTRICTED.get(name, ("", ""))],
            )
    made = shell.run("import-maho", *options, "--json")
    report: dict[str, Any] = json.loads(made.stdout)
    assert made.exit_code == (3 if report["not_imported"] else 0), made.stderr
    attributes = shell.project / "attributes.yml"
    if report["attributes_yaml"]:
        added = report["attributes_yaml"].removeprefix("attributes:\n")
        attributes.write_text(attributes.read_text(encoding="utf-8") + "\n" + added, encoding="utf-8")
    segments = shell.project / "segments.yml"
    text: str = report["segments_yaml"]
    if not is_first:
        text = segments.read_text(encoding="utf-8") + text.partition("\nsegments:\n")[2]
    segments.write_text(text, encoding="utf-8")
    return report
