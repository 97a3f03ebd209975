"""Until `next_change_at` a profile's segments stay as they are, and its features until their own clocks say.

A shop is looked at from many instants: those that the clocks name, and just before and after, midnights,
ends of months, changes of clocks. Of any two, the earlier must have foretold what differs at the later.
"""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from tests.properties.clock_rules import clock_segments
from tests.properties.drawing import draw_case, seeds
from tests.properties.examples import examples
from tests.properties.moments import ZONES, first_moment
from tests.properties.timeline import NOBODY, State, States, states_at
from tests.properties.warehouse import Definitions, Warehouse

_SEGMENTS = 12
_CHANGES = 7
_LEAST_TELLING = 0.3
_TICK = timedelta(microseconds=1)
_SEEDS = seeds(130)
_HOURS_AHEAD = (1, 3, 12, 24, 40, 72, 168, 400, 745, 1500, 4800, 8800, 18_000)
_wakes: Counter[bool] = Counter()


@pytest.mark.parametrize("seed", _SEEDS)
def test_segments_stay_until_the_clock_says(warehouse: Warehouse, seed: int) -> None:
    drawn = draw_case(warehouse, seed, 8)
    timed = examples(clock_segments(drawn.writer), _SEGMENTS, from_seed=seed)
    segments = {**drawn.segments, **{f"timed_{number}": one for number, one in enumerate(timed)}}
    project = warehouse.project(Definitions(segments, drawn.attributes))
    luck = random.Random(seed)
    as_of = drawn.case.as_of
    found = states_at(warehouse, project, [as_of])
    for _ in range(2):
        instants = [*_about_changes(found, luck), *_telling_instants(as_of, luck)]
        found |= states_at(warehouse, project, {*instants} - found.keys())
    names = list(segments)
    late = [
        f"{profile}: at {start} until {start_state.next_change_at}; at {end} other: "
        + ", ".join(names[at] for at in {*start_state.segments} ^ {*end_state.segments})
        for start, end, profile, start_state, end_state in _pairs(found)
        if start_state.segments != end_state.segments and _stands(start_state.next_change_at, end)
    ]
    assert not late, "\n".join(late)
    stale = [
        f"{profile}: at {start} until {start_state.features_until}; at {end} other: "
        f"{start_state.features} {end_state.features}"
        for start, end, profile, start_state, end_state in _pairs(found)
        if None not in (start_state.features, end_state.features)
        and start_state.features != end_state.features
        and _stands(start_state.features_until, end)
    ]
    assert not stale, "\n".join(stale)
    _note_wakes(found)


def _pairs(found: dict[datetime, States]) -> Iterable[tuple[datetime, datetime, int, State, State]]:
    for start, end in combinations(sorted(found), 2):
        for profile in found[start].keys() | found[end].keys():
            yield start, end, profile, found[start].get(profile, NOBODY), found[end].get(profile, NOBODY)


def _stands(until: datetime | None, instant: datetime) -> bool:
    return until is None or instant <= until


def _about_changes(found: dict[datetime, States], luck: random.Random) -> list[datetime]:
    """When the clocks say that something changes, and just before and after."""
    changes = {state.next_change_at for states in found.values() for state in states.values()}
    known = sorted(change for change in changes if change is not None)
    chosen = luck.sample(known, min(len(known), _CHANGES))
    steps = (timedelta(0), _TICK, luck.choice([-_TICK, timedelta(seconds=1)]))
    return [change + step for change in chosen for step in steps]


def _telling_instants(as_of: datetime, luck: random.Random) -> list[datetime]:
    """Midnights, ends of months, changes of clocks in the years after, and any instants."""
    zones = [ZoneInfo(zone) for zone in ZONES]
    days = [as_of.date() + timedelta(days=number) for number in range(-1, 800)]
    month_ends = [day for day in days if day.day == 1]
    changes = [
        day for day in days for zone in zones if _offset(day, zone) != _offset(day + timedelta(days=1), zone)
    ]
    chosen = [*luck.sample(month_ends, 2), *luck.sample(changes, 2), *luck.sample(days[:40], 3)]
    steps = [-_TICK, timedelta(0), timedelta(hours=1)]
    found = {first_moment(day, luck.choice(ZONES)) + luck.choice(steps) for day in chosen}
    found |= {
        as_of + timedelta(hours=hours * luck.uniform(0.8, 1.2)) for hours in luck.sample(_HOURS_AHEAD, 4)
    }
    return [instant for instant in found if instant > as_of]


def _offset(day: date, zone: ZoneInfo) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset()


def _note_wakes(found: dict[datetime, States]) -> None:
    for start, states in found.items():
        for profile, state in states.items():
            change = state.next_change_at
            if change is not None and change + _TICK in found and start <= change:
                after = found[change + _TICK].get(profile, NOBODY)
                _wakes[after.segments != state.segments] += 1


def test_clocks_are_seldom_early() -> None:
    assert _wakes, "it looks at what the tests above have drawn: run them with it"
    assert _wakes[True] / _wakes.total() > _LEAST_TELLING, _wakes
