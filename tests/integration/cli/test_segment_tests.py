"""`segments test`: real macros, a real and empty database, and people that are gone afterwards."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.yaml_reader import read_yaml
from maho_segments.services.project import Workspace
from maho_segments.services.segment_tests import run_tests
from tests.databases import PROJECT
from tests.integration.cli.conftest import Shell
from tests.segment_mutants import mutants

# Slips that change nothing: nobody can tell these segments from the shipped ones.
WITHOUT_EFFECT = {
    # Gold ends where Platinum begins, and only customers are either.
    ("vip_gold", "match.all without {'not': {'segment': 'vip_platinum'}}"),
    ("vip_at_risk", "audience everyone"),
    ("win_back_control", "audience everyone"),
    # The next birthday is never in the past.
    ("birthday_week", "match.days_until_birthday.between: -1"),
    # An anniversary is never half a year away from the registration.
    ("account_anniversary", "match.all.days_since_registration.gt -> gte"),
    ("account_anniversary", "match.all.days_since_registration.gt: 179"),
    ("account_anniversary", "match.all.days_since_registration.gt: 181"),
    # Nothing was added for 60 days, says the other part of the rule.
    ("wishlist_ageing", "match.all.wishlist_items.older_than left out"),
    ("wishlist_ageing", "match.all.wishlist_items.older_than: 59 days"),
}

SEGMENTS = """
version: 1
segments:
  photographers: { match: { loyalty_tier: Gold, interests: photography } }
  red_things:
    audience: everyone
    match:
      order_items: { where: { product.color: Red, product.price: { gt: 10 }, order.state: complete } }
  has_order: { audience: everyone, match: { orders: {} } }
  large_order: { match: { orders: { where: { grand_total: { gt: 100 } } } } }
  drawn: { match: { condition: { name: control_group, with: { percent: 20 } } } }
  summer: { active: false, match: { all: [ { segment: large_order }, { orders: { within: 1 month } } ] } }
"""
TESTS = """
version: 1
as_of: 2026-03-31T10:00:00Z
websites: { base: Europe/Berlin, us: America/New_York }
tests:
  photographers:
    in:
      gold photographer: { loyalty_tier: Gold, interests: [Photography, Fashion] }
    out:
      gold cook: { loyalty_tier: Gold, interests: coffee }
      silver photographer: { loyalty_tier: Silver, interests: photography }
      nothing known: {}
  red_things:
    in:
      a guest's red bag:
        profile_type: guest
        order_items: { product.color: Red, product: { price: 20 }, order.state: complete }
    out:
      red in one, dear in the other:
        order_items:
          - { product.color: Red, product.price: 1, order.state: complete }
          - { product.color: Blue, product.price: 20, order.state: complete }
  has_order:
    in:
      an item's order is an order: { order_items: { order.state: complete } }
    out:
      an item alone: { order_items: { sku: A } }
  drawn:
    - in: { drew 19: { profile_id: 1 } }
      out: { drew 20: { profile_id: 80 } }
    - name: another with the same number
      in: { drew 19 too: { profile_id: 1, orders: {} } }
  large_order:
    - name: wrong on purpose
      in:
        hundred: { orders: { grand_total: 100, times: 2 } }
        deactivated: { is_active: false, orders: { grand_total: 200 } }
      out:
        two hundred: { orders: [ { grand_total: 200 }, {} ] }
    - name: the day before
      as_of: 2026-03-30T10:00:00Z
      out: { registered later: { created_at: 2026-03-30 20:00, orders: { grand_total: 200 } } }
  summer:
    in:
      the end of February: { orders: { grand_total: 200, ordered_at: 2026-02-28 12:00 } }
    out:
      a minute before: { orders: { grand_total: 200, ordered_at: 2026-02-28 11:59 } }
"""


def plain(path: Path) -> Any:
    node = read_yaml(path.read_bytes(), Reporter(path.name))
    assert node is not None
    return plain_value(node)


@pytest.fixture(scope="module")
def own(new_shell: Callable[[], Shell]) -> Shell:
    """A project with segments and tests of its own, some of them wrong."""
    shell = new_shell()
    (shell.project / "segments.yml").write_text(SEGMENTS)
    (shell.project / "segment_tests.yml").write_text(TESTS)
    return shell


@pytest.fixture(scope="module")
def report(own: Shell) -> dict[str, Any]:
    result = own.run("test", "--json")
    assert result.exit_code == 1, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_shipped_segments_pass_and_nothing_is_left(shell: Shell) -> None:
    report = shell.ask("test")

    assert report["passed"] is True
    assert report["untested"] == []
    assert all(segment["in"] >= 1 and segment["out"] >= 2 for segment in report["segments"])
    left = shell.database.rows("select count(*) from pg_class where relname in ('orders', 'profiles')")
    assert left == [(0,)]


@pytest.mark.slow
def test_every_slip_in_a_shipped_segment_is_noticed(shell: Shell) -> None:
    file, tests = plain(PROJECT / "segments.yml"), plain(PROJECT / "segment_tests.yml")
    changes: dict[str, tuple[str, str]] = {}
    changed_tests: dict[str, Any] = {}
    for name, segment in list(file["segments"].items()):
        for number, (change, mutant) in enumerate(mutants(segment)):
            key = f"{name[:50]}_m{number}"
            changes[key] = (name, change)
            file["segments"][key] = {**mutant, "active": False}
            changed_tests[key] = tests["tests"][name]
    (shell.project / "segments.yml").write_text(json.dumps(file))
    (shell.project / "segment_tests.yml").write_text(json.dumps({**tests, "tests": changed_tests}))

    report = run_tests(Workspace(shell.project, shell.environ), [], explain=False)

    assert len(changes) > 400
    unnoticed = {changes[segment.name] for segment in report.segments if not segment.failed}
    assert unnoticed == WITHOUT_EFFECT, "segment_tests.yml wants somebody who tells them apart"


def test_only_those_who_are_wrong_fail(report: dict[str, Any]) -> None:
    wrong = [(failure["segment"], failure["person"]) for failure in report["failures"]]

    assert wrong == [
        ("large_order", "hundred"),
        ("large_order", "deactivated"),
        ("large_order", "two hundred"),
    ]
    assert {segment["name"] for segment in report["segments"]} == set(yaml.safe_load(SEGMENTS)["segments"])


def test_failure_says_where_it_stands_and_what_the_person_has(report: dict[str, Any]) -> None:
    hundred, deactivated, _ = report["failures"]
    line = TESTS.splitlines()[hundred["line"] - 1]

    assert line[hundred["column"] - 1 :].startswith("hundred:")
    assert (hundred["test"], hundred["expected"], hundred["found"]) == ("wrong on purpose", "in", "out")
    audience, orders = hundred["rule"]
    assert (audience["holds"], audience["found"]) == (True, {"profile type": "customer"})
    assert (orders["holds"], orders["found"]) == (False, {"their number": 0})
    assert "grand total is more than 100" in orders["words"]
    assert deactivated["rule"] == []


def test_failures_are_told_in_words(own: Shell) -> None:
    result = own.run("test", "large_order")

    assert result.exit_code == 1
    told = [line.strip() for line in result.stdout.splitlines()]
    (place,) = [line for line in told if "`two hundred` must not be in it, and is" in line]
    assert place.startswith("segment_tests.yml:")
    assert "✓ they have at least one order where grand total is more than 100 [1]" in told
    assert "They are in no segment: the account is disabled." in told
    assert told[-1].startswith("1 segment, 4 people, 3 of them not where they must be")


def test_invalid_tests_are_all_told_and_none_is_run(own: Shell, tmp_path: Path) -> None:
    file = tmp_path / "tests.yml"
    file.write_text(
        "version: 1\nas_of: 2026-03-31T10:00:00Z\ntests:\n  has_ordr: { in: { a: { ordrs: {} } } }\n"
    )

    result = own.run("test", "--file", str(file))

    assert result.exit_code == 2
    assert "Did you mean `has_order`?" in result.stderr
    assert "Did you mean `orders`?" in result.stderr


def test_segment_without_a_test_is_not_passed_in_silence(own: Shell, tmp_path: Path) -> None:
    file = tmp_path / "tests.yml"
    head = "version: 1\nas_of: 2026-03-31T10:00:00Z\n"
    file.write_text(head + "tests:\n  drawn: { out: { drew 20: { profile_id: 80 } } }\n")

    for name, told in (("has_order", "has no test"), ("has_ordr", "Did you mean has_order")):
        result = own.run("test", name, "--file", str(file))
        assert result.exit_code == 1
        assert told in result.stderr
