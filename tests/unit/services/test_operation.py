"""What the doctor and `segments status` make of a watcher, of news that waits, and of the last audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maho_segments.services.doctor.operation import Operation, look_at_operation
from maho_segments.services.refresh.drift import StandingDrift
from maho_segments.services.watch.news import News
from maho_segments.services.watch.presence import WatcherNote

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALIVE = WatcherNote(True, "shop", 12, "waiting", "", NOW)
QUIET = Operation(watcher=None, news=News(0, None), next_change_at=None, next_due=None, last_audit=None)
OLD_NEWS = News(1_000, NOW - timedelta(hours=1))
AUDIT = {"finished_at": NOW, "profiles_checked": 50, "drift": 0}
DRIFT = StandingDrift(1, 2, 1, 40, NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("seen", "subject", "state", "words"),
    [
        ({}, "watcher", "good", "none: segments are refreshed when somebody asks for it"),
        ({"watcher": ALIVE}, "watcher", "good", "process 12 on shop is waiting"),
        ({"watcher": replace(ALIVE, is_alive=False)}, "watcher", "bad", "has ended without a word"),
        ({"watcher": replace(ALIVE, is_alive=False, state="stopped")}, "watcher", "good", "until 2026-03-01"),
        (
            {"watcher": replace(ALIVE, state="held up", detail="x fails")},
            "watcher",
            "warning",
            "held up: x fails",
        ),
        ({"watcher": replace(ALIVE, detail="by former ones")}, "watcher", "warning", "by former ones"),
        ({}, "news", "good", "none waits"),
        ({"news": OLD_NEWS}, "news", "good", "1,000 rows of the change log wait"),
        ({"news": OLD_NEWS, "watcher": ALIVE}, "news", "warning", "since 2026-03-01T11:00:00Z"),
        (
            {"next_change_at": NOW, "next_due": ("a", NOW)},
            "next",
            "good",
            "the clock at 2026-03-01T12:00:00Z; a by",
        ),
        ({"overdue": {"vip": NOW}}, "schedules", "warning", "overdue: vip since 2026-03-01T12:00:00Z"),
        # The last audit was of other profiles.
        (
            {"last_audit": AUDIT, "drift": DRIFT},
            "audit",
            "bad",
            "3 memberships differ from a recompute, among 40",
        ),
        ({"last_audit": AUDIT | {"drift": 2}}, "audit", "good", "2 put right"),
        ({"last_audit": AUDIT}, "audit", "good", "no drift among 50 profiles"),
    ],
)
def test_what_is_told(seen: dict[str, Any], subject: str, state: str, words: str) -> None:
    findings = {finding.subject: finding for finding in look_at_operation(replace(QUIET, **seen), now=NOW)}
    assert findings[subject].state == state
    assert words in findings[subject].found
