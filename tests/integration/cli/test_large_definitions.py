"""Definitions that are as large as anybody's: they work, or are refused before anything is built."""

import json
from pathlib import Path
from typing import Any

from maho_segments.language.limits import MOST_COLUMNS
from tests.integration.cli.conftest import Shell, published_as_of

# When the next of the orders is dated takes a column as well.
MOST_FIGURES = MOST_COLUMNS - 1
PUBLISHED = "select * from segments.segments order by segment_id"


def write_segments(project: Path, segments: dict[str, Any]) -> None:
    # JSON is YAML.
    document = {"version": 1, "segments": {name: {"match": match} for name, match in segments.items()}}
    (project / "segments.yml").write_text(json.dumps(document))


def asking_for(features: int) -> dict[str, Any]:
    """Segments of fifty rules, each about a figure of its own; who ordered at all is in all of them."""
    rules = [{"orders": {"where": {"grand_total": {"gt": -number}}}} for number in range(1, features + 1)]
    return {f"segment_{start}": {"all": rules[start : start + 50]} for start in range(0, features, 50)}


def test_as_many_figures_as_there_can_be_are_built(shell: Shell) -> None:
    assert shell.run("demo", "--customers", "200").exit_code == 0
    write_segments(shell.project, asking_for(MOST_FIGURES))

    report = shell.ask("build")

    with_orders = shell.database.rows(
        """
        select count(distinct profiles.profile_id)
        from segments.profiles inner join segments_relations.orders using (profile_id)
        where profile_type = 'customer' and is_active and orders.grand_total > -1
        """
    )
    assert {segment["members"] for segment in report["segments"]} == {with_orders[0][0]} != {0}

    # One more is refused, and nothing that was published changes.
    published = shell.database.rows(PUBLISHED)
    write_segments(shell.project, asking_for(MOST_FIGURES + 1))
    for command in ("validate", "build"):
        result = shell.run(command)
        assert result.exit_code == 2
        assert "1,500 different figures about related rows (orders 1,500)" in result.stderr
        assert "together there can be 1,500" in result.stderr
    assert shell.database.rows(PUBLISHED) == published


def test_list_of_fifty_thousand_values_finds_those_in_it(shop: Shell) -> None:
    as_of = published_as_of(shop)
    known = [row[0] for row in shop.database.rows("select email from maho.customer_entity limit 30")]
    others = [f"nobody.{number}@shop.example" for number in range(50_000)]

    counts = []
    for emails in (known, others + known):
        rule = json.dumps({"email": {"in": emails}})
        result = shop.run("preview", "-", "--as-of", as_of, "--json", stdin=rule)
        assert result.exit_code == 0, result.stderr
        counts.append(json.loads(result.stdout)["members"])

    assert counts[0] == counts[1] > 0
