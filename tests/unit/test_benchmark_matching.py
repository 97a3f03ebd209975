"""What `benchmarks.latency` takes for seen, undone and passed over: its figures stand on that."""

from __future__ import annotations

from benchmarks.matching import Outcome, Refresh, match
from benchmarks.stream import Appearance, Commit

RUNS = [Refresh(1, as_of=11, started=10, published=14), Refresh(2, as_of=21, started=20, published=24)]


def outcome_of(
    commits: list[tuple[str, float]], moves: list[tuple[str, float, int]], runs: list[Refresh] = RUNS
) -> Outcome:
    """What becomes of one customer's changes."""
    return match(
        [Commit("buyers", 7, move, at) for move, at in commits],
        [Appearance("buyers", 7, move, at, run_id) for move, at, run_id in moves],
        runs,
    )


def test_a_change_took_until_its_move_could_be_seen():
    outcome = outcome_of([("entered", 5), ("left", 16)], [("entered", 14.5, 1), ("left", 24.5, 2)])
    assert outcome.seconds == {"buyers": [9.5, 8.5]}
    assert not outcome.undone
    assert not outcome.wrong


def test_what_is_put_back_before_a_refresh_looks_is_undone():
    outcome = outcome_of([("entered", 15), ("left", 17), ("entered", 18)], [("entered", 24.5, 2)])
    assert (sum(map(len, outcome.seconds.values())), outcome.undone, outcome.wrong) == (1, 2, [])


def test_a_stay_that_ends_and_begins_between_two_refreshes_goes_on():
    outcome = outcome_of([("entered", 5), ("left", 15), ("entered", 18)], [("entered", 14.5, 1)])
    assert outcome.seconds == {"buyers": [9.5]}
    assert (outcome.undone, outcome.wrong) == (2, [])


def test_a_change_that_a_refresh_had_to_show_is_wrong():
    outcome = outcome_of([("entered", 5), ("left", 16)], [])
    assert len(outcome.wrong) == 1
    assert "refresh 1 passed it over" in outcome.wrong[0]


def test_a_refresh_for_an_instant_before_the_change_need_not_show_it():
    runs = [Refresh(1, as_of=4, started=10, published=14), RUNS[1]]
    assert outcome_of([("entered", 5)], [("entered", 24.5, 2)], runs).seconds == {"buyers": [19.5]}


def test_the_last_change_has_to_be_shown():
    assert "no refresh came after it" in outcome_of([("entered", 25)], []).wrong[0]


def test_a_move_that_nobody_made_is_wrong():
    assert "nobody made it" in outcome_of([], [("entered", 14.5, 1)]).wrong[0]
    assert (
        "nobody made it" in outcome_of([("entered", 5)], [("entered", 14.5, 1), ("left", 24.5, 2)]).wrong[0]
    )
