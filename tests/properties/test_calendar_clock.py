"""The clock of windows of months and years, over many instants at once, where clocks and calendars are odd.

The macros write the run's instant as a literal; here a column takes its place, so that one query is of
thousands of runs.
"""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.properties.warehouse import Warehouse

# Zones, each with a year of which some days are odd there.
_ZONES = {
    "Europe/Berlin": 2024,
    "Australia/Lord_Howe": 2024,
    "America/St_Johns": 2010,  # turned its clocks back a minute after midnight
    "Antarctica/Casey": 2010,  # turned them back by three hours, over midnight
    "Pacific/Apia": 2011,  # had no 30 December
}
_VALUES = 6
_SENTINEL = "1999-09-09T09:09:09+00:00"
_EXPRESSIONS = f"""
{{%- set as_of = modules.datetime.datetime.fromisoformat('{_SENTINEL}') -%}}
{{%- set scope = {{'rows': 'runs', 'zone': 'runs.zone', 'as_of': as_of}} -%}}
{{%- set value = {{'column': 'value', 'type': 'time'}} -%}}
{{%- set duration = {{'count': COUNT, 'unit': 'UNIT'}} -%}}
{{%- set clock = {{
    'kind': 'calendar_window', 'value': value, 'count': SIGNED, 'unit': 'UNIT', 'time_zone': none
}} -%}}
{{{{ window_test({{'test': 'TEST', 'value': value, 'duration': duration, 'time_zone': none}}, scope) }}}}
-- and until when
least(
    {{{{ calendar_boundary(clock, scope) }}}},
    {{{{ window_boundary({{'kind': 'window', 'value': value, 'minutes': [0]}}, scope) }}}}
)
"""
_LATE = """
    with given as (
        select value, zone, (value at time zone zone + %(step)s::interval) at time zone zone as crossing
        from unnest(%(values)s::timestamptz[], %(zones)s::text[]) as given (value, zone)
    ),

    steps as (
        select make_interval(mins => minutes) as step
        from generate_series(-8640, 8640, 29) as minutes
        union
        select make_interval(mins => minutes) from generate_series(-1600, 1600, 10) as minutes
        union
        select step::interval
        from unnest(array['1 microsecond', '-1 microsecond', '-30 days', '-400 days']) as step
    ),

    runs as (
        select value, zone, crossing + step as as_of from given cross join steps
        union
        select value, zone, value + step::interval
        from given cross join unnest(array['0', '1 microsecond']) as step
    ),

    answers as (
        select value, zone, as_of, coalesce({answer}, false) as answer, {until} as until from runs
    ),

    -- When the answer is next the other one.
    turns as (
        select
            *,
            min(as_of) filter (where answer) over later as next_true,
            min(as_of) filter (where not answer) over later as next_false
        from answers
        window later as (
            partition by zone, value order by as_of desc rows between unbounded preceding and 1 preceding
        )
    )

    select value, zone, as_of, until, case when answer then next_false else next_true end as turned_at
    from turns
    where case when answer then next_false else next_true end <= coalesce(until, 'infinity')
    limit 3
"""


@pytest.mark.parametrize(
    ("test", "count", "unit"),
    [("older_than", 1, "months"), ("within", 1, "years"), ("within_next", 6, "months")],
)
def test_edge_of_a_calendar_window_is_foretold(
    warehouse: Warehouse, test: str, count: int, unit: str
) -> None:
    signed = -count if test == "within_next" else count
    text = _EXPRESSIONS
    for word, given in {"COUNT": count, "UNIT": unit, "SIGNED": signed, "TEST": test}.items():
        text = text.replace(word, str(given))
    compiled = warehouse.compiled(text)
    compiled = compiled.replace("timestamptz '1999-09-09 09:09:09+00:00'", "runs.as_of")
    compiled = compiled.replace("timestamp '1999-09-09 09:09:09'", "(runs.as_of at time zone 'UTC')")
    assert "1999" not in compiled
    answer, until = compiled.split("-- and until when")
    odd = _odd_values(timedelta(days=signed * {"months": 30.44, "years": 365.25}[unit]))
    parameters = {
        "step": f"{signed} {unit}",
        "values": [value for value, _ in odd],
        "zones": [zone for _, zone in odd],
    }
    query = _LATE.replace("{answer}", answer).replace("{until}", until)
    with warehouse.database.connect() as connection:
        late = connection.execute(query.encode(), parameters).fetchall()
    assert late == []


def _odd_values(length: timedelta) -> list[tuple[datetime, str]]:
    """Values that are, or that an edge passes, about a month's end or a change of clocks."""
    luck = random.Random(1)
    found = []
    for name, year in _ZONES.items():
        zone = ZoneInfo(name)
        days = [datetime(year, 1, 1, tzinfo=zone) + timedelta(days=number) for number in range(366)]
        changes = [day for day in days if day.utcoffset() != (day + timedelta(days=1)).utcoffset()]
        ends = [day for day in days if day.day in {1, 28}]
        for number in range(_VALUES):
            moment = luck.choice(changes if number % 2 else ends) + timedelta(
                minutes=luck.choice([0, 1, 59, 60, 119, 120, 150, 1439, 2000])
            )
            passed = moment.astimezone(UTC) - length + timedelta(hours=luck.randrange(-80, 80))
            found.append((luck.choice([moment.astimezone(UTC), passed]).replace(microsecond=0), name))
    return found
