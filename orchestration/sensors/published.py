"""The sensor `published`: refreshes of which no Dagster run told, told by it, so that its pages stay true."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from orchestration.sensors.memory import Away

NAME = "published"
BY_DAGSTER = "dagster:"
"""With these words, and the id of its run, Dagster asks for a refresh."""
Teller = Literal["done", "coming", "nobody"]
# A refresh every second leaves most segments as they are: those are told of that often.
EVERYTHING_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class LedgerRow:
    """A refresh of the ledger, who asked for it, and whether a Dagster run told of it.

    That is still `coming` where the run has not ended, and nobody does where it failed: it may have been
    killed, or a test may have failed, after the refresh was published.
    """

    run_id: int
    initiated_by: str
    is_full: bool
    told: Teller = "nobody"


@dataclass(frozen=True)
class ObservedLedger:
    """What the ledger has beyond what was told, and which segments that moved.

    `last_run` and `last_change` are the latest there are; `unpublished` are held or failed now.
    """

    rows: Sequence[LedgerRow]
    moved: Collection[str]
    unpublished: Collection[str]
    last_run: int
    last_change: int


@dataclass(frozen=True)
class Told:
    """How far the ledger was told, what stood unpublished then, and when all segments were told of."""

    run_id: int | None = None
    change_id: int = 0
    unpublished: tuple[str, ...] = ()
    everything_at: AwareDatetime | None = None
    away: Away | None = None


@dataclass(frozen=True)
class Telling:
    """Which segments Dagster is to be told of: all, or those named."""

    memory: Told
    reason: str
    names: tuple[str, ...] = ()
    everything: bool = False


def plan_published(observed: ObservedLedger, memory: Told, *, now: datetime) -> Telling:
    """Tell of what moved, or became held, failed or published again, where no run of Dagster told of it.

    The first tick tells of all segments; so does one after a full refresh, or after an hour of refreshes.
    While a run is still to tell of one, everything waits for it.
    """
    begins = memory.run_id is None or observed.last_run < memory.run_id
    if not begins and (coming := next((one for one in observed.rows if one.told == "coming"), None)):
        return Telling(replace(memory, away=None), f"Dagster is still at run {coming.run_id}.")
    rows = [] if begins else [one for one in observed.rows if one.told == "nobody"]
    changed = set(observed.unpublished) ^ set(memory.unpublished)
    told_at = memory.everything_at
    is_due = told_at is None or not told_at <= now < told_at + EVERYTHING_AFTER
    everything = begins or any(one.is_full for one in rows) or (bool(rows) and is_due)
    kept = Told(
        observed.last_run,
        observed.last_change,
        tuple(sorted(observed.unpublished)),
        now if everything else memory.everything_at,
    )
    if begins:
        return Telling(kept, f"All segments, as of run {observed.last_run}.", everything=True)
    if not rows:
        return Telling(kept, f"Run {observed.last_run} is the latest, and known.")
    who = ", ".join(sorted({one.initiated_by or "dbt by itself" for one in rows}))
    runs = f"run {rows[0].run_id}" if len(rows) == 1 else f"{len(rows)} runs up to {rows[-1].run_id}"
    names = () if everything else tuple(sorted({*observed.moved, *changed}))
    what = "all segments" if everything else f"{len(names)} segments"
    return Telling(kept, f"{runs[0].upper()}{runs[1:]} ({who}): {what}.", names, everything)
