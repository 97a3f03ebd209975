"""Whether Dagster runs and shows the project, where it is meant to, and what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from maho_segments.services.dagster_activity import DagsterActivity, DagsterRun, read_activity
from maho_segments.services.dagster_api import ADDRESS_VARIABLE, dagster_home, read_dagster
from maho_segments.services.doctor.finding import Finding, first_few
from maho_segments.services.instants import format_instant
from maho_segments.services.project import Workspace
from maho_segments.services.up.lock import running_address


@dataclass(frozen=True)
class DagsterLook:
    """What was found of Dagster; nothing where no address is known, no activity where it tells of none."""

    findings: tuple[Finding, ...] = ()
    address: str | None = None
    activity: DagsterActivity | None = None

    def as_dict(self) -> dict[str, Any]:
        """The figures for programs; instants are left to whoever prints them."""
        activity = self.activity.as_dict() if self.activity else {}
        return {"dagster": {"address": self.address, **activity} if self.address else None}


def look_at_dagster(workspace: Workspace) -> DagsterLook:
    """A look at the Dagster that SEGMENTS_DAGSTER_ADDRESS or a running `segments up` names, if any."""
    address = workspace.environ.get(ADDRESS_VARIABLE) or running_address(dagster_home(workspace))
    if not address:
        return DagsterLook()
    finding = _process(address)
    if finding.state != "good":
        return DagsterLook((finding,), address)
    try:
        activity = read_activity(address)
    except (OSError, ValueError) as error:
        silent = Finding("dagster", "bad", f"does not say what it does: {error}", "See the webserver's log.")
        return DagsterLook((silent,), address)
    return DagsterLook((finding, *look_at_activity(activity, address)), address, activity)


def _process(address: str) -> Finding:
    state = read_dagster(address)
    if not state.answers:
        return Finding("dagster", "bad", f"does not answer at {address}", "See the webserver's log.")
    if state.error:
        hint = f"Mend it, and press Reload on {address}/deployment/locations"
        return Finding("dagster", "bad", f"can't load the project: {state.error}", hint)
    if not state.is_loaded:
        return Finding("dagster", "warning", f"loads the project: {address}", "Look again in a minute.")
    if state.silent_daemons:
        silent = ", ".join(state.silent_daemons)
        return Finding("dagster", "bad", f"its daemon is silent: {silent}", "See the daemon's log.")
    return Finding("dagster", "good", f"answers, {address}; its daemon lives")


def look_at_activity(activity: DagsterActivity, address: str) -> Iterator[Finding]:
    """Runs, checks, sensors and schedules, as the pages show them."""
    if failed := activity.failed_jobs:
        told = first_few([f"{_run(run)} failed" for run in failed])
        yield Finding("runs", "warning", told, f"Why: {address}/runs/{failed[0].run_id}")
    elif activity.runs:
        last = activity.runs[0]
        yield Finding("runs", "good", f"the last one: {_run(last)}, {last.status.lower()}")
    if checks := activity.failing_checks:
        told = first_few([f"{one.name}{' (a warning)' if one.is_warning else ''}" for one in checks])
        yield Finding("checks", "warning", f"fail: {told}", f"What was found: {address}/assets")
    for name, error in activity.failing_sensors.items():
        told = f"the last tick of {name} failed: {error.partition(chr(10))[0]}"
        yield Finding("sensors", "warning", told, f"All of it: {address}/automation")
    if activity.switched_off:
        yield Finding("automation", "good", f"switched off: {first_few(activity.switched_off)}")


def _run(run: DagsterRun) -> str:
    return f"{run.job} at {format_instant(run.at)} (run {run.short_id})"
