"""What Dagster's pages show, asked for as they ask: by GraphQL from the webserver."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "maho_segments"}

_METADATA = """
fragment metadata on MetadataEntry {
    label
    ... on TextMetadataEntry { text }
    ... on MarkdownMetadataEntry { mdStr }
    ... on IntMetadataEntry { intValue }
    ... on FloatMetadataEntry { floatValue }
    ... on BoolMetadataEntry { boolValue }
    ... on TimestampMetadataEntry { timestamp }
}
"""
_VALUES = ("text", "mdStr", "intValue", "floatValue", "boolValue", "timestamp")
RUNS = """
query Runs($filter: RunsFilter, $limit: Int) {
    runsOrError(filter: $filter, limit: $limit) {
        __typename
        ... on Runs {
            results {
                runId jobName status runConfig parentRunId creationTime
                tags { key value }
                assetSelection { path }
            }
        }
        ... on PythonError { message }
    }
}
"""
EVENTS = (
    _METADATA
    + """
query Events($run: ID!) {
    logsForRun(runId: $run) {
        __typename
        ... on EventConnection {
            events {
                __typename
                ... on MessageEvent { message }
                ... on ErrorEvent { error { message } }
                ... on ExecutionStepFailureEvent { failureMetadata { metadataEntries { ...metadata } } }
            }
        }
    }
}
"""
)
TICKS = """
query Ticks($selector: InstigationSelector!, $limit: Int!) {
    instigationStateOrError(instigationSelector: $selector) {
        __typename
        ... on InstigationState {
            id status
            ticks(limit: $limit) {
                status timestamp skipReason runIds
                error { message errorChain { error { message } } }
            }
        }
    }
}
"""
ASSET = (
    _METADATA
    + """
query Asset($key: AssetKeyInput!, $limit: Int!) {
    assetOrError(assetKey: $key) {
        __typename
        ... on Asset {
            definition { description }
            assetMaterializations(limit: $limit) { runId timestamp metadataEntries { ...metadata } }
            assetObservations(limit: $limit) { runId timestamp metadataEntries { ...metadata } }
        }
    }
}
"""
)
CHECKS = (
    _METADATA
    + """
query Checks {
    assetNodes {
        assetKey { path }
        assetChecksOrError {
            __typename
            ... on AssetChecks {
                checks {
                    name
                    executionForLatestMaterialization {
                        runId status timestamp
                        evaluation { success severity description metadataEntries { ...metadata } }
                    }
                }
            }
        }
    }
}
"""
)
SCHEDULES = """
query Schedules($repository: RepositorySelector!) {
    schedulesOrError(repositorySelector: $repository) {
        __typename
        ... on Schedules { results { name cronSchedule executionTimezone scheduleState { status } } }
        ... on PythonError { message }
    }
}
"""
LAUNCH = """
mutation Launch($run: ExecutionParams!) {
    launchRun(executionParams: $run) {
        __typename
        ... on LaunchRunSuccess { run { runId } }
        ... on RunConfigValidationInvalid { errors { message } }
        ... on PythonError { message }
    }
}
"""
REEXECUTE = """
mutation Reexecute($run: ReexecutionParams!) {
    launchRunReexecution(reexecutionParams: $run) {
        __typename
        ... on LaunchRunSuccess { run { runId } }
        ... on PythonError { message }
    }
}
"""
STOP_SCHEDULE = """
mutation StopSchedule($id: String!) {
    stopRunningSchedule(id: $id) {
        __typename
        ... on ScheduleStateResult { scheduleState { status } }
        ... on PythonError { message }
    }
}
"""


@dataclass(frozen=True)
class Run:
    """A run as the list of runs shows it."""

    id: str
    job: str
    status: str
    tags: Mapping[str, str]
    config: Any
    assets: tuple[str, ...] | None
    parent: str | None
    at: float

    @property
    def is_finished(self) -> bool:
        return self.status in ("SUCCESS", "FAILURE", "CANCELED")

    @property
    def reason(self) -> str:
        return self.tags.get("segments/reason", "")

    @property
    def by(self) -> str:
        """The sensor or schedule that asked for it."""
        return self.tags.get("dagster/sensor_name") or self.tags.get("dagster/schedule_name") or "a person"


@dataclass(frozen=True)
class Entry:
    """An entry of a run's log."""

    kind: str
    message: str
    error: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Tick:
    """A tick of a sensor or schedule, and what it said: why it asked for nothing, or its error."""

    status: str
    at: float
    said: str
    runs: tuple[str, ...]


@dataclass(frozen=True)
class AssetEvent:
    """A materialization or observation; one without a run has an empty id of it."""

    run: str
    at: float
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Asset:
    """The page of an asset, the latest events first."""

    is_defined: bool
    description: str
    materializations: tuple[AssetEvent, ...]
    observations: tuple[AssetEvent, ...]


@dataclass(frozen=True)
class Check:
    """How a check stands on its asset's page; nothing is known of one that was not evaluated there."""

    run: str
    status: str
    at: float
    severity: str
    description: str
    metadata: Mapping[str, Any]


class Pages:
    """The pages at an address. Each method raises OSError or ValueError where they don't answer."""

    def __init__(self, address: str) -> None:
        self._address = address
        # What is on this machine is not behind a proxy of the internet.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer to a query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"{self._address}/graphql", body, {"Content-Type": "application/json"}
        )
        with self._opener.open(request, timeout=60) as response:
            answer = json.load(response)
        if answer.get("errors"):
            raise ValueError(f"Dagster's API answers {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data

    def runs(self, limit: int = 100, **wanted: Any) -> list[Run]:
        """The runs, the latest first; `wanted` is a RunsFilter."""
        answer = _of_kind("Runs", self.ask(RUNS, filter=wanted, limit=limit)["runsOrError"])
        return [_run(one) for one in answer["results"]]

    def run(self, run_id: str) -> Run:
        """One run."""
        return self.runs(runIds=[run_id])[0]

    def log(self, run_id: str) -> list[Entry]:
        """The log of a run."""
        answer = _of_kind("EventConnection", self.ask(EVENTS, run=run_id)["logsForRun"])
        return [
            Entry(
                one["__typename"],
                one.get("message") or "",
                (one.get("error") or {}).get("message") or "",
                _metadata((one.get("failureMetadata") or {}).get("metadataEntries", [])),
            )
            for one in answer["events"]
        ]

    def ticks(self, name: str, since: float = 0, limit: int = 20) -> list[Tick]:
        """The ticks of a sensor or schedule since then that have ended, the latest first."""
        ticks = [
            Tick(
                one["status"],
                one["timestamp"],
                one["skipReason"] or _words(one["error"]),
                tuple(one["runIds"]),
            )
            for one in self._state(name, limit)["ticks"]
        ]
        return [one for one in ticks if one.at >= since and one.status != "STARTED"]

    def _state(self, name: str, limit: int = 1) -> dict[str, Any]:
        answer = self.ask(TICKS, selector={**_REPOSITORY, "name": name}, limit=limit)
        return _of_kind("InstigationState", answer["instigationStateOrError"])

    def segment(self, name: str, limit: int = 20) -> Asset:
        """The page of a segment."""
        return self.asset("segment", name, limit=limit)

    def asset(self, *path: str, limit: int = 20) -> Asset:
        """The page of an asset."""
        answer = self.ask(ASSET, key={"path": list(path)}, limit=limit)["assetOrError"]
        if answer["__typename"] == "AssetNotFoundError":
            return Asset(False, "", (), ())
        found = _of_kind("Asset", answer)
        definition = found["definition"]
        return Asset(
            definition is not None,
            (definition or {}).get("description") or "",
            _asset_events(found["assetMaterializations"]),
            _asset_events(found["assetObservations"]),
        )

    def checks(self) -> dict[tuple[str, str], Check | None]:
        """All checks, by the asset's key as text and their names, as the pages of the assets show them."""
        return {
            ("/".join(node["assetKey"]["path"]), check["name"]): _check(
                check["executionForLatestMaterialization"]
            )
            for node in self.ask(CHECKS)["assetNodes"]
            for check in node["assetChecksOrError"].get("checks", [])
        }

    def guard(self, segment: str) -> Check | None:
        """How the guard of a segment stands on its page."""
        return self.checks().get((f"segment/{segment}", "guard"))

    def schedules(self) -> dict[str, str]:
        """The schedules that run, with their times and time zones."""
        answer = _of_kind("Schedules", self.ask(SCHEDULES, repository=_REPOSITORY)["schedulesOrError"])
        return {
            one["name"]: f"{one['cronSchedule']}, {one['executionTimezone']}"
            for one in answer["results"]
            if one["scheduleState"]["status"] == "RUNNING"
        }

    def launch(self, job: str, config: Mapping[str, Any] | None = None, segments: Sequence[str] = ()) -> str:
        """Start a run of a job, of some segments where they are named; its id."""
        selector: dict[str, Any] = {**_REPOSITORY, "jobName": job}
        if segments:
            selector["assetSelection"] = [{"path": ["segment", name]} for name in segments]
        params = {"selector": selector, "mode": "default", "runConfigData": dict(config or {})}
        answer = _of_kind("LaunchRunSuccess", self.ask(LAUNCH, run=params)["launchRun"])
        return str(answer["run"]["runId"])

    def reexecute(self, run_id: str) -> str:
        """What the button Re-execute of a failed run does; the new run's id."""
        params = {"parentRunId": run_id, "strategy": "FROM_FAILURE"}
        answer = _of_kind("LaunchRunSuccess", self.ask(REEXECUTE, run=params)["launchRunReexecution"])
        return str(answer["run"]["runId"])

    def switch_off(self, schedule: str) -> None:
        """What the switch of a schedule does."""
        answer = self.ask(STOP_SCHEDULE, id=self._state(schedule)["id"])["stopRunningSchedule"]
        _of_kind("ScheduleStateResult", answer)


def _of_kind(kind: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, where it is no error."""
    if answer["__typename"] != kind:
        raise ValueError(f"Dagster's API answers {answer}, which is no {kind}")
    return answer


def _run(one: dict[str, Any]) -> Run:
    assets = one["assetSelection"]
    return Run(
        one["runId"],
        one["jobName"],
        one["status"],
        {tag["key"]: tag["value"] for tag in one["tags"]},
        one["runConfig"],
        None if assets is None else tuple(sorted("/".join(asset["path"]) for asset in assets)),
        one["parentRunId"],
        one["creationTime"],
    )


def _asset_events(events: Sequence[dict[str, Any]]) -> tuple[AssetEvent, ...]:
    # Dagster tells the times of these in milliseconds, as text.
    return tuple(
        AssetEvent(one["runId"], float(one["timestamp"]) / 1000, _metadata(one["metadataEntries"]))
        for one in events
    )


def _check(execution: dict[str, Any] | None) -> Check | None:
    if execution is None:
        return None
    evaluation = execution["evaluation"] or {}
    return Check(
        execution["runId"],
        execution["status"],
        execution["timestamp"],
        evaluation.get("severity") or "",
        evaluation.get("description") or "",
        _metadata(evaluation.get("metadataEntries", [])),
    )


def _words(error: dict[str, Any] | None) -> str:
    """What an error says, and those that led to it: Dagster's own words come first."""
    if error is None:
        return ""
    return "\n".join([error["message"], *(cause["error"]["message"] for cause in error["errorChain"])])


def _metadata(entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {entry["label"]: next((entry[key] for key in _VALUES if key in entry), None) for entry in entries}
