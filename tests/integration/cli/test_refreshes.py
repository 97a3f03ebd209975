"""What a build refreshes, whom it looks at, and what becomes of segments that fail or are held."""

import json
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.test_failing_builds import wait_until_somebody_is_blocked

SEGMENTS = """
version: 1
segments:
  buyers:
    match: { orders: { count: { gte: 1 } } }
  loyal_buyers:
    match: { all: [ segment: buyers, orders: { count: { gte: 2 } } ] }
  saturday_buyers:
    match: { orders: { where: { ordered_at.weekday: saturday } } }
  saturday_regulars:
    match: { all: [ segment: saturday_buyers, orders: { count: { gte: 2 } } ] }
  campaign:
    refresh: { manual: true }
    match: { orders: { count: { gte: 1 } } }
  yearly:
    refresh: { schedule: "0 0 1 1 *" }
    match: { email: { is_set: true } }
"""
FIRST_ORDER = "(select min(entity_id) from maho.sales_flat_order where customer_id > 0)"


@pytest.fixture(scope="module")
def lived(new_shell: Callable[[], Shell]) -> Shell:
    """A small shop, its changes captured, built once."""
    shell = new_shell()
    (shell.project / "segments.yml").write_text(SEGMENTS)
    shell.ask("demo", "--customers", "60")
    return shell


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {segment["name"]: segment["status"] for segment in report["segments"]}


def build_with_failures(shell: Shell, *arguments: str) -> dict[str, Any]:
    """Build, expect that not all could be published, and return the report."""
    result = shell.run("build", *arguments, "--json")
    assert result.exit_code == 3, result.stderr
    return dict(json.loads(result.stdout))


def test_a_build_without_news_looks_at_nobody_and_tests_nothing(lived: Shell) -> None:
    report = lived.ask("build")

    assert (report["mode"], report["profiles_evaluated"], report["tests"]) == ("incremental", 0, 0)
    assert "views" not in {model["name"] for model in report["models"]}


def test_a_build_looks_at_whom_a_change_concerns(lived: Shell) -> None:
    lived.database.execute(
        "update maho.sales_flat_order set base_grand_total = base_grand_total + 1 "
        f"where entity_id = {FIRST_ORDER}"
    )

    report = lived.ask("build")

    assert (report["mode"], report["profiles_evaluated"]) == ("incremental", 1)
    assert report["looked_at"]["data"] == 1


def test_a_manual_segment_is_refreshed_by_name_only(lived: Shell) -> None:
    as_of = "select as_of from segments.segments where segment_name = 'campaign'"
    first = lived.database.rows(as_of)

    plain = lived.ask("build")

    assert plain["left_out"] == ["campaign"]
    assert lived.database.rows(as_of) == first
    named = lived.ask("build", "--select", "campaign")
    assert list(statuses(named)) == ["campaign"]
    assert lived.database.rows(as_of) > first


def test_what_is_not_due_is_not_built(lived: Shell) -> None:
    runs = len(lived.ask("runs", "--limit", "100"))

    report = lived.ask("build", "--due")

    assert report["run_id"] is None
    assert "the next is yearly at" in report["why"]
    assert len(lived.ask("runs", "--limit", "100")) == runs


def test_only_the_segments_that_fail_are_left_out(lived: Shell) -> None:
    # Valid, and yet too much for the server.
    too_complex = '  coded:\n    match: { email: { matches: "(a{255}){255}" } }\n'
    (lived.project / "segments.yml").write_text(SEGMENTS + too_complex)
    # The first day of PostgreSQL's calendar lies before its beginning by the clock of Los Angeles.
    dated = f"select created_at from maho.sales_flat_order where entity_id = {FIRST_ORDER}"
    ((created_at,),) = lived.database.rows(dated)
    moved = f"update maho.sales_flat_order set created_at = %s where entity_id = {FIRST_ORDER}"
    with lived.database.connect() as connection:
        connection.execute(moved.encode(), ["4714-11-24 00:00:00 BC"])

    report = build_with_failures(lived)

    failed = {segment["name"]: segment["reason"] for segment in report["segments"] if segment["reason"]}
    assert failed.keys() == {"saturday_buyers", "saturday_regulars", "coded"}
    assert failed["coded"] == "invalid regular expression: regular expression is too complex"
    assert failed["saturday_buyers"] == "timestamp out of range"
    assert "saturday_buyers" in failed["saturday_regulars"]
    assert statuses(report)["loyal_buyers"] == "published"
    assert "saturday_buyers is failed: timestamp out of range" in lived.run("list").stderr
    published, attempt = lived.ask("runs", "--limit", "2")
    assert (published["status"], attempt["status"], attempt["mode"]) == ("published", "failed", "incremental")
    assert "saturday_buyers fails: timestamp out of range" in attempt["error"]
    assert "coded fails: invalid regular expression" in attempt["error"]
    assert attempt["error"].endswith("The next run went on without.")
    assert attempt["initiated_by"] == "command line"
    # The next build knows whom to suspect, and needs no failure of dbt to find out.
    again = lived.run("build", "--json")
    assert "Trying the segments that failed last time" in again.stderr
    assert "Finding the segments that fail" not in again.stderr
    # As that was in vain, they are not tried a moment later, and their failure is told all the same.
    tried = datetime.fromisoformat(json.loads(again.stdout)["as_of"])
    later = lived.run("build", "--as-of", (tried + timedelta(seconds=1)).isoformat(), "--json")
    assert later.exit_code == 3
    assert "Trying" not in later.stderr
    assert "and asked again from" in later.stderr
    told = {segment["name"]: segment["reason"] for segment in json.loads(later.stdout)["segments"]}
    assert {name: reason for name, reason in told.items() if reason} == failed

    with lived.database.connect() as connection:
        connection.execute(moved.encode(), [created_at])
    (lived.project / "segments.yml").write_text(SEGMENTS)
    mended = lived.ask("build", "--select", "saturday_regulars", "--select", "loyal_buyers")
    assert set(statuses(mended).values()) == {"published"}


def test_a_build_that_was_killed_is_in_the_ledger(lived: Shell) -> None:
    with lived.database.connect() as blocker, blocker.transaction():
        blocker.execute("lock table segments_work.profile_identities in access exclusive mode")
        process = lived.start("build")
        wait_until_somebody_is_blocked(lived)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        killed = "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'"
        blocker.execute(killed)

    lived.ask("build")

    last, dead = lived.ask("runs", "--limit", "2")
    assert (last["status"], dead["status"]) == ("published", "failed")
    assert dead["error"].startswith("It ended without a word")
    assert dead["finished_at"] is None
    assert last["initiated_by"] == dead["initiated_by"] == "command line"


def test_a_held_segment_is_published_when_it_is_released(lived: Shell) -> None:
    guarded = SEGMENTS.replace("  buyers:\n", "  buyers:\n    guard: { max_members: 1 }\n", 1)
    # Another meaning, so that it is looked at again.
    (lived.project / "segments.yml").write_text(guarded.replace("gte: 1 } } }", "gte: 1, lt: 998 } } }", 1))
    assert statuses(build_with_failures(lived))["buyers"] == "held"
    everything = lived.ask("release", "--all")
    assert statuses(everything) == {"buyers": "published", "loyal_buyers": "published"}
    assert lived.run("release", "--all").exit_code == 1
    (lived.project / "segments.yml").write_text(guarded.replace("gte: 1 } } }", "gte: 1, lt: 999 } } }", 1))

    held = build_with_failures(lived)

    assert statuses(held)["buyers"] == statuses(held)["loyal_buyers"] == "held"
    run = lived.ask("runs", "--limit", "1")[0]
    assert run["held_segments"] == ["buyers", "loyal_buyers"]
    assert run["why"].endswith("everybody for buyers, loyal_buyers: new, edited, held or failed before")
    assert "held, with their old members: buyers" in lived.run("doctor").stdout
    refused = lived.run("release", "loyal_buyers")
    assert refused.exit_code == 1
    assert "segments release buyers loyal_buyers" in refused.stderr
    released = lived.ask("release", "buyers")
    assert statuses(released) == {"buyers": "published", "loyal_buyers": "published"}


def test_an_audit_finds_what_differs_and_has_it_repaired(lived: Shell) -> None:
    (lived.project / "segments.yml").write_text(SEGMENTS)
    lived.ask("build", "--all")
    assert lived.ask("audit", "--all")["drift"] == []
    lived.database.execute("""
        delete from segments.segment_memberships where ctid = (
            select min(ctid) from segments.segment_memberships
            where segment_id = (select segment_id from segments.segments where segment_name = 'yearly')
        )
    """)

    # A full build publishes, and says in whose tests it shows; it can be audited all the same.
    broken = lived.run("build", "--full")
    assert broken.exit_code == 1
    assert "segments audit --all --repair" in broken.stderr
    result = lived.run("audit", "--all", "--repair")

    assert result.exit_code == 1
    assert "yearly" in result.stdout
    assert "A build has put them right." in result.stderr
    assert lived.ask("audit", "--all")["drift"] == []
    listed = "(select count(*) from segments.segment_memberships)"
    counts = f"select sum(member_count) = {listed} from segments.segments"
    assert lived.database.rows(counts) == [(True,)]
    changes = "select change, reason from segments.segment_membership_changes order by change_id desc limit 1"
    # Of a full build, which looks at everybody, no reason of anybody's is known.
    assert lived.database.rows(changes) == [("entered", "data")]
    figures = "select missing_count, was_repaired from segments.segment_audits order by audit_id"
    assert lived.database.rows(figures) == [(0, False), (1, True), (0, False)]


def test_an_audit_takes_news_for_no_drift_and_goes_on_where_the_last_one_ended(lived: Shell) -> None:
    visitors = "  visitors: { audience: visitors, match: { profile_type: { is_set: true } } }\n"
    (lived.project / "segments.yml").write_text(SEGMENTS + visitors)
    lived.ask("build")
    lived.database.execute("""
        update maho.customer_entity set email = null where entity_id = 1;
        delete from maho.customer_entity where entity_id = (
            select max(customers.customer_id)
            from segments.profiles as customers
            inner join segments.profiles as visitors
                on customers.profile_id = visitors.merged_into_profile_id
            inner join segments_work.visitors as known on visitors.visitor_id = known.visitor_id
            where known.has_own_rows and customers.customer_id > 1
        );
        -- What the shop's foreign keys do then.
        delete from maho.customer_address_entity
        where not exists (select 1 from maho.customer_entity where entity_id = parent_id);
        update maho.sales_flat_order as orders set customer_id = null
        where not exists (select 1 from maho.customer_entity where entity_id = orders.customer_id);
    """)

    first = lived.ask("audit", "--sample", "50")
    second = lived.ask("audit", "--sample", "100")

    # The customer's, and those that share the address; who was merged into an account that is gone.
    assert first["profiles_skipped"] > 0
    assert second["profiles_skipped"] > 0
    assert first["drift"] == second["drift"] == []
    assert second["first_profile_id"] > first["last_profile_id"]


def test_other_code_is_built_in_full_and_its_mistakes_are_left_out(lived: Shell) -> None:
    (lived.project / "macros/conditions/condition_ratio.sql").write_text("""
        {% macro condition_ratio(arguments, scope) -%}
            {%- set id = sql_literal(arguments.id, 'number') -%}
            {{ return("100 / (" ~ scope.population ~ ".profile_id - " ~ id ~ ") > 0") }}
        {%- endmacro %}
    """)
    ratio = "  ratio:\n    match: { condition: { name: ratio, with: { id: 3 } } }\n"
    (lived.project / "segments.yml").write_text(SEGMENTS + ratio)
    # As an earlier version made it.
    lived.database.execute("alter table segments.segment_runs drop column initiated_by")

    report = build_with_failures(lived)

    assert report["mode"] == "full"
    assert lived.ask("runs", "--limit", "1")[0]["initiated_by"] == "command line"
    assert report["why"] == "the project's code or the shop's columns are not those of the last full build"
    reasons = {segment["name"]: segment["reason"] for segment in report["segments"] if segment["reason"]}
    assert reasons == {"ratio": "division by zero"}
    # Whoever was not built then was answered by the other code.
    manual = lived.ask("build", "--select", "campaign")
    assert "the segment campaign was not refreshed by this code" in manual["why"]


def test_what_is_due_is_built_and_nothing_else(lived: Shell) -> None:
    """The last one here, for it is about the next year: nothing can be published before that from then on."""
    (lived.project / "segments.yml").write_text(SEGMENTS)
    as_of = """
        select segment_name, as_of from segments.segments
        where segment_name not in ('yearly', 'ratio') order by segment_name
    """
    before = lived.database.rows(as_of)
    next_year = f"{datetime.now(UTC).year + 1}-01-01T12:00:00Z"

    report = lived.ask("build", "--due", "--as-of", next_year)

    assert statuses(report) == {"yearly": "published"}
    assert report["segments"][0]["as_of"] == next_year
    assert lived.database.rows(as_of) == before
