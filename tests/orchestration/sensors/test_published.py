"""Of which segments Dagster is told, when something else has refreshed them."""

from datetime import UTC, datetime, timedelta

from orchestration.sensors.memory import read_cursor, write_cursor
from orchestration.sensors.published import LedgerRow, ObservedLedger, Told, plan_published

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
KNOWN = Told(run_id=7, change_id=50, unpublished=("held",), everything_at=NOW - timedelta(minutes=59))


def ledger(
    *rows: LedgerRow, moved: tuple[str, ...] = (), unpublished: tuple[str, ...] = ("held",)
) -> ObservedLedger:
    return ObservedLedger(rows, moved, unpublished, rows[-1].run_id if rows else 7, 50 + len(moved))


def test_the_first_tick_tells_of_all_segments() -> None:
    telling = plan_published(ledger(LedgerRow(9, "command line", False)), Told(), now=NOW)
    assert telling.everything
    assert telling.memory == Told(9, 50, ("held",), NOW)


def test_a_ledger_that_began_anew_is_told_as_a_first_one() -> None:
    telling = plan_published(ObservedLedger([], (), (), 2, 0), KNOWN, now=NOW)
    assert telling.everything
    assert telling.memory.run_id == 2


def test_refreshes_without_dagster_tell_of_what_moved() -> None:
    rows = LedgerRow(8, "watch", False), LedgerRow(9, "watch", False)
    telling = plan_published(ledger(*rows, moved=("vip", "new")), KNOWN, now=NOW)
    assert (telling.names, telling.everything) == (("new", "vip"), False)
    assert telling.memory == Told(9, 52, ("held",), KNOWN.everything_at)
    assert telling.reason == "2 runs up to 9 (watch): 2 segments."


def test_what_is_held_or_published_again_is_told_though_nobody_moved() -> None:
    telling = plan_published(ledger(LedgerRow(8, "watch", False), unpublished=("failed",)), KNOWN, now=NOW)
    assert telling.names == ("failed", "held")
    assert telling.memory.unpublished == ("failed",)


def test_dagsters_own_refreshes_are_not_told_again() -> None:
    own = LedgerRow(8, "dagster:0123", False, told="done")
    telling = plan_published(ledger(own, moved=("vip",)), KNOWN, now=NOW)
    assert (telling.names, telling.everything) == ((), False)
    assert telling.memory.run_id == 8
    assert telling.memory.change_id == 51


def test_what_a_run_published_before_it_failed_is_told() -> None:
    own = LedgerRow(8, "dagster:0123", False, told="nobody")
    assert plan_published(ledger(own, moved=("vip",)), KNOWN, now=NOW).names == ("vip",)


def test_a_run_that_is_still_telling_is_waited_for() -> None:
    rows = LedgerRow(8, "watch", False), LedgerRow(9, "dagster:0123", False, told="coming")
    telling = plan_published(ledger(*rows, moved=("vip",)), KNOWN, now=NOW)
    assert (telling.names, telling.everything) == ((), False)
    assert telling.memory == KNOWN
    assert telling.reason == "Dagster is still at run 9."


def test_all_are_told_of_after_a_full_refresh_or_an_hour() -> None:
    full = LedgerRow(8, "command line", True)
    assert plan_published(ledger(full), KNOWN, now=NOW).everything
    row = LedgerRow(8, "watch", False)
    assert not plan_published(ledger(row), KNOWN, now=NOW).everything
    hour = plan_published(ledger(row), KNOWN, now=NOW + timedelta(minutes=1))
    assert hour.everything
    assert hour.memory.everything_at == NOW + timedelta(minutes=1)
    # ... or where all were told of by a clock that was set back.
    assert plan_published(ledger(row), KNOWN, now=NOW - timedelta(days=1)).everything
    # An hour without a refresh is none of news.
    idle = plan_published(ledger(), KNOWN, now=NOW + timedelta(days=1))
    assert (idle.everything, idle.names) == (False, ())


def test_memory_survives_its_cursor() -> None:
    assert read_cursor(Told, write_cursor(KNOWN)) == KNOWN
    assert read_cursor(Told, None) == Told()
