"""When Dagster is asked to load the project anew, and what of the trial before it."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maho_segments.services.project import Workspace
from orchestration.sensors.reloading import Attempt, Reloading, Step, plan_reload, why_outdated
from orchestration.trial import try_loading
from tests.databases import PROJECT

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
OUTDATED = "Dagster shows the segments without d"
TRIAL = "-m orchestration.trial"
ASK = "import os; from pathlib import Path; from maho_segments.services.project import Workspace; "
ASK += "from orchestration.trial import try_loading; "
ASK += "print(try_loading(Workspace(Path.cwd(), dict(os.environ)), seconds=60))"


def segment(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "is_active": True, "label": name, **more}


def test_dagster_is_outdated_where_it_shows_other_segments_than_are_defined() -> None:
    shown = [segment("a"), segment("b"), segment("c")]
    assert not why_outdated(shown, [segment("c"), segment("b"), segment("a"), segment("d", is_active=False)])
    defined = [segment("a"), segment("b", label="B"), segment("c", is_active=False), segment("d")]
    assert why_outdated(shown, defined) == "without d and still with c and with the former b"


def plan(last: Attempt | None, minutes: float = 0, *, files: str = "a", is_under_way: bool = False) -> Step:
    return plan_reload(
        "without d", files, last, is_under_way=is_under_way, now=NOW + timedelta(minutes=minutes)
    )


def test_files_are_tried_at_once_and_only_once_at_a_time() -> None:
    assert plan(None) == Step(f"{OUTDATED}: it reloads.", begins=1)
    assert plan(None, is_under_way=True) == Step(f"{OUTDATED}: it reloads.")
    failed = Attempt("a", 5, NOW, "no", loads=False)
    assert plan(failed, files="b") == Step(f"{OUTDATED}: it reloads.", begins=1)


@pytest.mark.parametrize(("number", "minutes"), [(1, 1), (2, 2), (6, 32), (7, 60), (5000, 60)])
def test_the_same_files_are_tried_again_after_longer_and_longer(number: int, minutes: int) -> None:
    failed = Attempt("a", number, NOW, "killed.", loads=False)
    waits = plan(failed, minutes - 0.01)
    assert waits.words.startswith(f"{OUTDATED}, and to reload failed when it was tried last: killed.\n")
    assert (waits.begins, waits.fails) == (0, True)
    again = plan(failed, minutes)
    assert again == Step(
        f"{OUTDATED}: it reloads, which failed when it was tried last: killed.", number + 1, fails=True
    )
    assert plan(failed, minutes, is_under_way=True) == Step(again.words, fails=True)


def test_what_only_an_edit_mends_is_left_alone_for_an_hour() -> None:
    lasting = Attempt("a", 1, NOW, "no", loads=False, is_lasting=True)
    assert plan(lasting, 59).words.endswith("Again when a file is edited, or at 2026-05-01T13:00:00Z.")
    assert plan(lasting, 60).begins == 2
    # A clock that was set back.
    assert plan(lasting, -1).begins == 2


def test_a_webserver_that_refuses_or_does_nothing_fails_no_tick() -> None:
    refused = plan(Attempt("a", 1, NOW, "HTTP Error 503"))
    assert (refused.begins, refused.fails) == (0, False)
    assert "HTTP Error 503" in refused.words
    assert plan(Attempt("a", 1, NOW)).words.startswith(f"{OUTDATED}, and to reload changed nothing\n")


def test_without_an_address_a_person_has_to_reload() -> None:
    words = f"{OUTDATED}: press Reload on its page Deployment."
    assert Reloading().ask("without d", Workspace(PROJECT, {}), now=NOW) == Step(words)


def test_a_trial_that_takes_too_long_is_ended() -> None:
    failure = try_loading(Workspace(PROJECT, os.environ), seconds=0.01)
    assert failure is not None
    assert (failure.words, failure.is_lasting) == ("it was not loaded within 0.01 s", False)


def test_a_trial_that_can_not_answer_says_why() -> None:
    failure = try_loading(Workspace(PROJECT, {**os.environ, "PYTHONHOME": "/nowhere"}), seconds=60)
    assert failure is not None
    assert failure.words.startswith("the process that tried it ended with 1: ")
    assert not failure.is_lasting


def test_a_trial_ends_with_who_asked_and_shows_nobody_its_environment() -> None:
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK], cwd=PROJECT, env={**os.environ, "DBT_PASSWORD": "correct horse"}
    )
    try:
        # It may have others: a library that looks for another one.
        trial = wait_for(lambda: next((pid for pid in children(asking.pid) if TRIAL in line_of(pid)), None))
        assert line_of(trial) == f"{sys.executable} {TRIAL} "
    finally:
        asking.kill()
        asking.wait()
    wait_for(lambda: not line_of(trial))


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def wait_for(wanted: Any) -> Any:
    give_up = time.monotonic() + 60
    while not (found := wanted()):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    return found


def line_of(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
