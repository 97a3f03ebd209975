"""What `segments doctor` says of the capture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from maho_segments.services.capture import Capture
from maho_segments.services.doctor.capture import look_at_capture
from maho_segments.warehouse import ConnectionSettings, connect
from tests.integration.capture.conftest import CapturedShop


def findings(shop: CapturedShop, settings: ConnectionSettings | None = None) -> list[tuple[str, str]]:
    """State and words of each."""
    settings = settings or shop.database.settings
    with connect(settings, autocommit=True) as connection:
        return [(one.state, one.found) for one in look_at_capture(connection, settings, shop.dbt)]


@contextmanager
def by_clocks(project: Path) -> Iterator[None]:
    """The project goes by the clocks in the rows."""
    settings = project / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("change_capture: triggers", "change_capture: clocks"), encoding="utf-8")
    try:
        yield
    finally:
        settings.write_text(text, encoding="utf-8")


def test_what_the_doctor_says_of_the_capture(captured: CapturedShop, capture_project: Path) -> None:
    ((state, found),) = findings(captured)
    assert state == "good"
    assert found.startswith("changes of all ")

    with by_clocks(capture_project):
        (first, unclocked) = findings(captured)
    assert first[0] == "warning"
    assert "changes are known by clocks" in first[1]
    assert "no clock in " in unclocked[1]
    assert "maho.core_store" in unclocked[1]

    captured.database.execute("create role stranger login")
    ((state, found),) = findings(captured, replace(captured.database.settings, user="stranger"))
    captured.database.execute("drop role stranger")
    assert state == "bad"
    assert "permission denied for schema segments_capture" in found

    with captured.connect() as connection:
        Capture(captured.dbt, captured.database.settings, connection).remove()
    assert findings(captured) == [("warning", "nothing captures changes, so every build looks at everybody")]
    captured.install()
    assert findings(captured)[0][0] == "good"
