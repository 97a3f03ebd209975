"""Ticks of sensors, as the daemon makes them, and what a channel was told by them."""

import dagster as dg

from orchestration.loading import load
from orchestration.project import ProjectResource
from orchestration.sensors.refreshing import refresh_sensors
from orchestration.sensors.telling import published_sensor
from tests.orchestration.conftest import CodeLocation
from tests.orchestration.servers import WebServer

_LOADED: dict[str, dg.Definitions] = {}


def loaded(location: CodeLocation) -> dg.Definitions:
    """The code location as it was loaded at first: an edit of segments.yml does not load it anew."""
    folder = location.project.folder
    if folder not in _LOADED:
        _LOADED[folder] = location.definitions()
    return _LOADED[folder]


def tick(
    location: CodeLocation, name: str, cursor: str | None = None, project: ProjectResource | None = None
) -> dg.SensorResult:
    """One tick of a sensor, as the daemon makes it."""
    with dg.build_sensor_context(
        instance=location.instance, cursor=cursor, resources={"project": location.project}
    ) as context:
        sensor = sensors_of(location, project)[name] if project else loaded(location).resolve_sensor_def(name)
        result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


_SENSORS: dict[tuple[object, ...], dict[str, dg.SensorDefinition]] = {}


def sensors_of(location: CodeLocation, project: ProjectResource) -> dict[str, dg.SensorDefinition]:
    """The sensors in another environment of the project, the same ones at each tick."""
    key = (location.project.folder, *project.environ.items())
    if key not in _SENSORS:
        read = load(location.project)
        sensors = [*refresh_sensors(read, project), published_sensor(read, project)]
        _SENSORS[key] = {sensor.name: sensor for sensor in sensors}
    return _SENSORS[key]


def keys(server: WebServer, status: str) -> list[list[str]]:
    """Of each message that has such, the troubles that it tells."""
    told = [[one["key"] for one in body[status]] for _, body in server.requests]
    return [some for some in told if some]
