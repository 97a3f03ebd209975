"""What a watcher tells, and what it tells once."""

from __future__ import annotations

from datetime import timedelta

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.services.capture_status import CapturedTable, CaptureStatus
from maho_segments.services.watch.events import Event
from maho_segments.services.watch.telling import Notes, Teller


def said(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.text) for event in events]


def test_what_is_in_the_way_is_told_once_though_each_try_is_a_run_of_its_own() -> None:
    events: list[Event] = []
    teller = Teller(events.append)

    teller.say_once("failed", "the disk is full", run_id=7)
    teller.say_once("failed", "the disk is full", run_id=8)
    teller.say_once("waiting", "another build is at work")

    assert said(events) == [("failed", "run 7: the disk is full"), ("waiting", "another build is at work")]
    assert [event.as_dict().get("run_id") for event in events] == [7, None]
    assert teller.obstacle == "another build is at work"


def test_how_changes_are_known_is_told_when_it_is_otherwise() -> None:
    events: list[Event] = []
    teller = Teller(events.append)
    gap = CapturedTable("orders", True, True, None, "it has no triggers", 0)

    for tables in ((), (), (gap,), ()):
        seen = CaptureStatus("triggers", tables, (), (), 0, (), "channel", "1, 2")
        teller.watching(seen, poll=timedelta(seconds=60))

    assert [text for _, text in said(events)] == [
        "Watching: changes are told at once.",
        (
            "Watching. Everybody is looked at every 60 s, as not all changes are captured: "
            "orders: it has no triggers"
        ),
        "Watching: changes are told at once.",
    ]


def test_a_mistake_in_the_definitions_is_told_with_what_becomes_of_the_segments() -> None:
    events: list[Event] = []
    teller = Teller(events.append)
    problem = DefinitionsError([Problem("unknown", "segments.yml", 3, 5, "vip", "`x` does not exist")])

    for now in (problem, problem, None, None):
        teller.definitions(now, has_former=False)
    Notes(teller).note("Two warnings.")

    assert said(events) == [
        (
            "refused",
            (
                "segments.yml:3:5 in vip: `x` does not exist\n1 problem in segments.yml. "
                "Nothing is refreshed until they are corrected."
            ),
        ),
        ("note", "The definitions are valid again."),
        ("note", "Two warnings."),
    ]
    assert events[0].data["problems"][0]["line"] == 3
