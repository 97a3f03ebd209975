"""The code location's only entry: what `dagster dev` and Dagster's services load."""

import dagster as dg

from orchestration.assets.refresh import refresh_assets
from orchestration.checks import audit_check, freshness_check
from orchestration.jobs import make_jobs
from orchestration.loading import load
from orchestration.project import ProjectResource
from orchestration.schedules import make_schedules
from orchestration.sensors.alerting import failures_sensor
from orchestration.sensors.refreshing import refresh_sensors
from orchestration.sensors.telling import published_sensor


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that Dagster shows and runs of this project."""
    return build_definitions(ProjectResource())


def build_definitions(project: ProjectResource) -> dg.Definitions:
    """The definitions of a project. Reads its files, and no database."""
    loaded = load(project)
    return dg.Definitions(
        assets=[*loaded.dbt.sources, refresh_assets(loaded)],
        asset_checks=[audit_check(loaded), freshness_check(loaded)],
        jobs=make_jobs(loaded),
        schedules=make_schedules(loaded, project),
        sensors=[
            *refresh_sensors(loaded, project),
            published_sensor(loaded, project),
            failures_sensor(loaded),
        ],
        resources={"project": project},
        executor=dg.in_process_executor,
    )
