"""Whether Dagster runs and shows the project, where it is meant to."""

from maho_segments.services.dagster_api import ADDRESS_VARIABLE, dagster_home, read_dagster
from maho_segments.services.doctor.finding import Finding
from maho_segments.services.project import Workspace
from maho_segments.services.up.lock import running_address


def look_at_dagster(workspace: Workspace) -> list[Finding]:
    """A finding about the Dagster that SEGMENTS_DAGSTER_ADDRESS or a running `segments up` names, if any."""
    address = workspace.environ.get(ADDRESS_VARIABLE) or running_address(dagster_home(workspace))
    if not address:
        return []
    state = read_dagster(address)
    if not state.answers:
        return [Finding("dagster", "bad", f"does not answer at {address}", "See the webserver's log.")]
    if state.error:
        hint = f"Mend it, and press Reload on {address}/deployment/locations"
        return [Finding("dagster", "bad", f"can't load the project: {state.error}", hint)]
    if not state.is_loaded:
        return [Finding("dagster", "warning", f"loads the project: {address}", "Look again in a minute.")]
    if state.silent_daemons:
        silent = ", ".join(state.silent_daemons)
        return [Finding("dagster", "bad", f"its daemon is silent: {silent}", "See the daemon's log.")]
    return [Finding("dagster", "good", f"answers, {address}; its daemon lives")]
