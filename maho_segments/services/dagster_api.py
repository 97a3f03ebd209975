"""What Dagster's webserver says of the code location and the daemon, asked over its GraphQL API."""

import http.client
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maho_segments.services.project import Workspace

ADDRESS_VARIABLE = "SEGMENTS_DAGSTER_ADDRESS"
"""Names where Dagster's pages are, for whoever wants to know whether all is well."""
LOCATION = "maho_segments"
"""What the code location is called."""
_ASK_SECONDS = 15
# The code server is started anew for it; orchestration/dagster.yaml gives it as long.
RELOAD_SECONDS = 180
_QUERY = """{
    workspaceOrError {
        __typename
        ... on Workspace {
            locationEntries {
                loadStatus locationOrLoadError { __typename ... on PythonError { message } }
            }
        }
    }
    instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } }
}"""
_RELOAD = (
    f'mutation {{ reloadRepositoryLocation(repositoryLocationName: "{LOCATION}") '
    "{ __typename ... on PythonError { message } } }"
)


@dataclass(frozen=True)
class DagsterState:
    """How Dagster is, as far as it answers."""

    answers: bool
    is_loaded: bool = False
    """Whether the pages show the project."""
    error: str | None = None
    """Why they do not, when that is the project's fault."""
    silent_daemons: tuple[str, ...] = ()
    """The parts of the daemon that have not been heard of for a while."""


def dagster_home(workspace: Workspace) -> Path:
    """Dagster's folder: DAGSTER_HOME, else .dagster/ of the project."""
    return Path(workspace.environ.get("DAGSTER_HOME") or workspace.folder / ".dagster").absolute()


def read_dagster(address: str) -> DagsterState:
    """The state of the Dagster whose pages are at that address."""
    try:
        answer = ask(address, _QUERY)
    except (OSError, ValueError):
        return DagsterState(answers=False)
    entries = answer["workspaceOrError"].get("locationEntries", [])
    found = [entry["locationOrLoadError"] for entry in entries]
    errors = [one["message"] for one in found if one and one["__typename"] == "PythonError"]
    return DagsterState(
        answers=True,
        is_loaded=bool(found)
        and not errors
        and all(found)
        and all(entry["loadStatus"] == "LOADED" for entry in entries),
        error=errors[0].strip() if errors else None,
        silent_daemons=tuple(
            daemon["daemonType"]
            for daemon in answer["instance"]["daemonHealth"]["allDaemonStatuses"]
            if daemon["required"] and not daemon["healthy"]
        ),
    )


def reload_location(address: str) -> None:
    """Have Dagster read the project anew, as its button Reload does, and wait until it has.

    What runs goes on. Raises OSError where nobody answers, and ValueError where Dagster does not do it.
    """
    answer = ask(address, _RELOAD, seconds=RELOAD_SECONDS)["reloadRepositoryLocation"]
    if answer["__typename"] != "WorkspaceLocationEntry":
        raise ValueError(f"Dagster answers {answer.get('message') or answer['__typename']}")


def ask(address: str, query: str, *, seconds: float = _ASK_SECONDS) -> dict[str, Any]:
    """The answer to a query of Dagster's API; raises OSError or ValueError where there is none."""
    request = urllib.request.Request(  # noqa: S310  the address is our own
        f"{address}/graphql", json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    # What is on this machine is not behind the proxy that the environment names for the internet.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as response:
            answer = json.load(response)
    except http.client.HTTPException as error:
        raise ValueError(f"Dagster's API answers no HTTP ({type(error).__name__})") from error
    if not answer.get("data"):
        raise ValueError(f"Dagster's API answers {answer.get('errors')}")
    data: dict[str, Any] = answer["data"]
    return data
