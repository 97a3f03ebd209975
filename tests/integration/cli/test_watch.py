"""`segments watch` as a process of its own, what it survives, and what `segments status` says of it."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from maho_segments.warehouse import connect
from tests.integration.cli.conftest import Shell

SEGMENTS = """
version: 1
segments:
  big_spenders:
    match: { lifetime_sales: { gt: 100000 } }
  yearly:
    refresh: { schedule: "0 0 1 1 *" }
    match: { email: { is_set: true } }
"""
_PATIENCE = 120
# Somebody who was none becomes a big spender.
_SPEND = """
    with spenders as (
        select customer_id
        from maho.sales_flat_order
        where base_grand_total > 100000 and customer_id is not null
    )
    update maho.sales_flat_order
    set base_grand_total = 200000, base_subtotal = 200000, state = 'complete'
    where entity_id = (
        select min(entity_id)
        from maho.sales_flat_order
        where customer_id > 0 and customer_id not in (select customer_id from spenders)
    )
"""


class Watching:
    """A watcher at work, and what it told."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.process = shell.start("watch", "--json", "--clock-interval", "3600")
        self.events: list[dict[str, Any]] = []
        self._read = 0
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def next(self, kind: str) -> dict[str, Any]:
        """The next event of a kind that was not read yet; those before it are read, too."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            for number in range(self._read, len(self.events)):
                if self.events[number]["event"] == kind:
                    self._read = number + 1
                    return self.events[number]
            time.sleep(0.02)
        raise AssertionError(f"no {kind} among {self.events}")

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """The exit code and what was said of errors, after a signal; all events are read then.

        `communicate` would read the events, too, and some of them would be lost.
        """
        self.process.send_signal(number)
        code = self.process.wait(_PATIENCE)
        self._reader.join(_PATIENCE)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        with self.process.stderr as errors:
            return code, errors.read()

    def status(self) -> tuple[int, dict[str, Any]]:
        """The exit code and the answer of `segments status`."""
        result = self.shell.run("status", "--json")
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture(scope="module")
def watching(new_shell: Callable[[], Shell]) -> Iterator[Watching]:
    """A watcher of a small shop whose changes are captured."""
    shell = new_shell()
    (shell.project / "segments.yml").write_text(SEGMENTS)
    shell.ask("demo", "--customers", "30")
    watching = Watching(shell)
    try:
        assert watching.next("refreshed")["why"] == ["start"]
        yield watching
    finally:
        if watching.process.poll() is None:
            watching.end(signal.SIGKILL)


def big_spenders(shell: Shell) -> int:
    return int(shell.database.rows("select count(*) from audiences.big_spenders")[0][0])


def test_a_change_becomes_a_membership(watching: Watching) -> None:
    before = big_spenders(watching.shell)

    watching.shell.database.execute(_SPEND)

    event = watching.next("refreshed")
    assert event["why"] == ["changes"]
    assert (event["looked_at"], event["entered"], event["left"]) == (1, 1, 0)
    assert big_spenders(watching.shell) == before + 1
    run = watching.shell.ask("runs")[0]
    assert (run["initiated_by"], run["run_id"]) == ("watch", event["run_id"])
    assert event["text"].startswith(f"run {run['run_id']} as of ")
    assert run["invocation_id"] in (watching.shell.project / "logs" / "dbt.log").read_text()


def test_status_knows_the_watcher_and_a_second_one_is_refused(watching: Watching) -> None:
    code, status = watching.status()

    assert (code, status["is_fine"]) == (0, True), status
    assert (status["watcher"]["is_alive"], status["watcher"]["pid"]) == (True, watching.process.pid)
    assert status["news"]["rows"] == 0
    assert status["next"]["due_segment"] == "yearly"
    refused = watching.shell.run("watch")
    assert refused.exit_code == 1
    assert f"process {watching.process.pid} on" in refused.stderr


def test_broken_definitions_are_told_once_and_those_of_before_go_on(watching: Watching) -> None:
    definitions = watching.shell.project / "segments.yml"
    definitions.write_text(SEGMENTS.replace("lifetime_sales", "lifetime_sails"))
    refused = watching.next("refused")
    assert "`lifetime_sails` does not exist" in refused["text"]
    assert len(refused["problems"]) == 1

    before = big_spenders(watching.shell)
    watching.shell.database.execute(_SPEND)
    assert watching.next("refreshed")["entered"] == 1
    assert big_spenders(watching.shell) == before + 1
    code, status = watching.status()
    assert code == 1
    assert {"definitions", "watcher"} == {
        finding["subject"] for finding in status["findings"] if finding["state"] != "good"
    }

    corrected = SEGMENTS.replace(
        "  yearly:", "  everybody: { match: { email: { is_set: true } } }\n  yearly:"
    )
    definitions.write_text(corrected)
    event = watching.next("refreshed")
    assert event["why"] == ["definitions"]
    assert event["entered"] > 0
    assert [event["event"] for event in watching.events].count("refused") == 1


def test_a_refresh_that_fails_is_told_with_its_run_and_tried_again(watching: Watching) -> None:
    database = watching.shell.database
    changes = "alter table segments.segment_membership_changes"
    sessions = "select pid from pg_stat_activity where application_name like 'segments watch,%'"
    before = database.rows(sessions)
    database.execute(f"{changes} add constraint nobody_moves check (false) not valid")
    # What all segments share was never refreshed: the next refresh looks at everybody.
    database.execute("update segments_work.refresh_pointers set pointer = null where name = 'clocks'")
    database.execute(_SPEND)

    event = watching.next("failed")

    run = watching.shell.ask("runs")[0]
    assert (run["run_id"], run["status"]) == (event["run_id"], "failed")
    assert event["text"].startswith(f"run {event['run_id']}: ")
    assert "nobody_moves" in event["text"]
    database.execute(f"{changes} drop constraint nobody_moves")
    event = watching.next("refreshed")
    assert (event["why"][0], event["mode"], event["entered"]) == ("retry", "full", 1)
    # Then it looked anew at how changes are captured, in the session that it has.
    database.execute(_SPEND)
    assert watching.next("refreshed")["mode"] == "incremental"
    assert database.rows(sessions) == before
    assert not [one for one in watching.events if one["event"] == "away"]


def test_a_database_that_goes_away_is_waited_for(watching: Watching) -> None:
    database = watching.shell.database
    name = database.settings.dbname
    before = big_spenders(watching.shell)
    with (
        connect(replace(database.settings, dbname="postgres"), autocommit=True) as admin,
        database.connect() as shop,
    ):
        admin.execute(f'alter database "{name}" allow_connections false'.encode())
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> %s",
            [name, shop.info.backend_pid],
        )
        assert watching.next("away")["text"].startswith("The database is away: ")
        shop.execute(_SPEND.encode())
        admin.execute(f'alter database "{name}" allow_connections true'.encode())

    watching.next("back")
    assert watching.next("refreshed")["why"] == ["changes"]
    assert big_spenders(watching.shell) == before + 1


def test_it_ends_when_it_is_told_to(watching: Watching) -> None:
    assert watching.end(signal.SIGTERM) == (0, "")
    assert watching.events[-1]["event"] == "stopped"
    code, status = watching.status()
    assert (code, status["watcher"]["is_alive"], status["watcher"]["state"]) == (0, False, "stopped")
