"""The code location's only entry: what `dagster dev` and Dagster's services load."""

import dagster as dg

from orchestration.project import ProjectResource


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that Dagster shows and runs of this project."""
    return build_definitions(ProjectResource())


def build_definitions(project: ProjectResource) -> dg.Definitions:
    """The definitions of a project. Reads its files, and no database."""
    return dg.Definitions(resources={"project": project})
