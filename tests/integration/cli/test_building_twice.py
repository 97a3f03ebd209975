"""A build that finds nothing new writes nothing, and no build loses what was published."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.integration.cli.conftest import Shell, published_as_of

DBT = Path(sys.executable).with_name("dbt")

# What a build may write without news: the ledger's row of the run, and when each segment was last published.
LEDGER = {"segment_runs"}

INSERTED = """
    select relname, n_tup_ins, n_tup_upd, n_tup_del
    from pg_stat_user_tables
    where schemaname in ('segments', 'segments_work')
"""
MEMBERSHIPS = "select * from segments.segment_memberships order by segment_id, profile_id"
CHANGES = "select * from segments.segment_membership_changes order by change_id"


def written(shop: Shell) -> dict[str, tuple[int, int, int]]:
    """Rows inserted, updated and deleted so far in each table, as PostgreSQL counts them."""
    return {
        str(name): (inserted, updated, deleted)
        for name, inserted, updated, deleted in shop.database.rows(INSERTED)
    }


def test_second_build_at_the_same_instant_writes_no_row(shop: Shell) -> None:
    as_of = published_as_of(shop)
    shop.ask("build", "--as-of", as_of)
    before, memberships, changes = written(shop), shop.database.rows(MEMBERSHIPS), shop.database.rows(CHANGES)

    shop.ask("build", "--as-of", as_of)

    after = written(shop)
    moved = {name for name in after if after[name] != before[name]}
    # That it was under way is noted, and then no more.
    assert moved == LEDGER | {"segment_publications", "refresh_pointers", "build_state"}
    assert after["build_state"][0] <= before["build_state"][0] + 1
    assert after["segment_publications"][0] == before["segment_publications"][0]
    assert shop.database.rows(MEMBERSHIPS) == memberships
    assert shop.database.rows(CHANGES) == changes


def test_full_build_keeps_history(shop: Shell) -> None:
    memberships, changes = shop.database.rows(MEMBERSHIPS), shop.database.rows(CHANGES)

    shop.ask("build", "--full", "--as-of", published_as_of(shop))

    assert shop.database.rows(MEMBERSHIPS) == memberships
    assert shop.database.rows(CHANGES) == changes
    assert memberships


def test_build_goes_on_where_edits_used_up_the_columns_of_a_table(shop: Shell) -> None:
    """PostgreSQL allows 1,600 columns and counts those that were dropped."""
    memberships = shop.database.rows(MEMBERSHIPS)
    shop.database.execute("""
        do $$
        begin
            for edit in 1..1530 loop
                alter table segments_work.profile_features add column worn integer;
                alter table segments_work.profile_features drop column worn;
            end loop;
        end
        $$
    """)
    used = "select max(attnum) from pg_attribute where attrelid = 'segments_work.profile_features'::regclass"
    assert shop.database.rows(used)[0][0] > 1500

    shop.ask("build", "--as-of", published_as_of(shop))

    assert shop.database.rows(MEMBERSHIPS) == memberships
    assert shop.database.rows(used)[0][0] < 1000


def test_build_for_an_earlier_instant_is_refused(shop: Shell) -> None:
    before, memberships, changes = written(shop), shop.database.rows(MEMBERSHIPS), shop.database.rows(CHANGES)

    result = shop.run("build", "--as-of", "2001-01-01T00:00:00Z")

    assert result.exit_code == 1
    assert "would rewrite their history" in result.stderr
    assert written(shop) == before
    assert shop.database.rows(MEMBERSHIPS) == memberships
    assert shop.database.rows(CHANGES) == changes


def test_a_bare_dbt_refuses_an_earlier_instant_too(shop: Shell) -> None:
    memberships, changes = shop.database.rows(MEMBERSHIPS), shop.database.rows(CHANGES)

    answer = subprocess.run(
        [DBT, "run", "--select", "segment_memberships", "--vars", "as_of: 2001-01-01T00:00:00Z"],
        cwd=shop.project,
        env=shop.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 1, answer.stdout
    assert shop.database.rows(MEMBERSHIPS) == memberships
    assert shop.database.rows(CHANGES) == changes
    failed = shop.database.rows(
        "select status, error from segments.segment_runs order by run_id desc limit 1"
    )
    assert failed[0][0] == "failed"
    assert "would rewrite" in failed[0][1]
    # What a bare dbt made is not known; the next build makes and tests everything.
    report = shop.ask("build", "--as-of", published_as_of(shop))
    assert report["mode"] == "full"
    assert "dbt was run by itself" in report["why"]
    assert report["tests"]
    assert shop.ask("build", "--as-of", published_as_of(shop))["mode"] == "incremental"


def test_build_without_a_shop_is_refused(new_shell: Callable[[], Shell]) -> None:
    result = new_shell().run("build")

    assert result.exit_code == 1
    assert "There is no shop to build from" in result.stderr
    assert "maho.customer_entity" in result.stderr
    assert "segments load" in result.stderr
