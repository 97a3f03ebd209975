"""What Dagster's pages show of what it does: its latest runs, checks that fail, sensors and schedules."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from maho_segments.services.dagster_api import ask

_RUNS = 25
_QUERY = f"""{{
    runsOrError(limit: {_RUNS}) {{
        ... on Runs {{ results {{ runId jobName status updateTime }} }}
    }}
    assetNodes {{
        assetKey {{ path }}
        assetChecksOrError {{
            ... on AssetChecks {{
                checks {{
                    name
                    executionForLatestMaterialization {{
                        status
                        evaluation {{ severity description }}
                    }}
                }}
            }}
        }}
    }}
    repositoriesOrError {{
        ... on RepositoryConnection {{
            nodes {{
                sensors {{
                    name
                    sensorState {{ status ticks(limit: 1) {{ status error {{ message }} }} }}
                }}
                schedules {{ name scheduleState {{ status }} }}
            }}
        }}
    }}
}}"""


@dataclass(frozen=True)
class DagsterRun:
    """A run, and when something was last heard of it."""

    run_id: str
    job: str
    status: str
    at: datetime

    @property
    def short_id(self) -> str:
        """The run as the pages name it."""
        return self.run_id[:8]


@dataclass(frozen=True)
class FailingCheck:
    """A check that did not pass when it was last looked at."""

    name: str
    is_warning: bool
    description: str


@dataclass(frozen=True)
class DagsterActivity:
    """What the pages show."""

    runs: tuple[DagsterRun, ...]
    """The latest, the last one first."""
    failing_checks: tuple[FailingCheck, ...]
    failing_sensors: Mapping[str, str]
    """Those whose last tick failed, with the reason."""
    switched_off: tuple[str, ...]
    """Sensors and schedules that somebody stopped."""

    @property
    def failed_jobs(self) -> tuple[DagsterRun, ...]:
        """The latest run of each job, where it failed."""
        latest: dict[str, DagsterRun] = {}
        for run in self.runs:
            if run.status in ("SUCCESS", "FAILURE"):
                latest.setdefault(run.job, run)
        return tuple(run for run in latest.values() if run.status == "FAILURE")

    def as_dict(self) -> dict[str, Any]:
        """The activity for programs; instants are left to whoever prints them."""
        return asdict(self)


def read_activity(address: str) -> DagsterActivity:
    """What the pages at that address show now. Raises OSError or ValueError where they do not answer."""
    return parse_activity(ask(address, _QUERY))


def parse_activity(answer: Mapping[str, Any]) -> DagsterActivity:
    """The activity, from the answer of Dagster's API."""
    repositories = answer["repositoriesOrError"].get("nodes", [])
    sensors = [sensor for one in repositories for sensor in one["sensors"]]
    states = [
        *((one["name"], one["sensorState"]) for one in sensors),
        *((one["name"], one["scheduleState"]) for each in repositories for one in each["schedules"]),
    ]
    return DagsterActivity(
        runs=tuple(
            DagsterRun(
                run["runId"], run["jobName"], run["status"], datetime.fromtimestamp(run["updateTime"], UTC)
            )
            for run in answer["runsOrError"].get("results", [])
        ),
        failing_checks=tuple(_failing_checks(answer["assetNodes"])),
        failing_sensors={
            one["name"]: (tick["error"] or {}).get("message", "").strip()
            for one in sensors
            for tick in one["sensorState"]["ticks"]
            if tick["status"] == "FAILURE"
        },
        switched_off=tuple(name for name, state in states if state["status"] == "STOPPED"),
    )


def _failing_checks(assets: list[dict[str, Any]]) -> Iterator[FailingCheck]:
    for asset in assets:
        for check in asset["assetChecksOrError"].get("checks", []):
            execution = check["executionForLatestMaterialization"]
            # One that was not come to is a matter of its run, which failed.
            if execution and execution["status"] == "FAILED":
                evaluation = execution["evaluation"] or {}
                yield FailingCheck(
                    f"{check['name']} of {'/'.join(asset['assetKey']['path'])}",
                    evaluation.get("severity") == "WARN",
                    evaluation.get("description") or "",
                )
