"""`segments validate` and `segments schema`: no database, and every problem in its place."""

import cProfile
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from maho_segments.cli.main import app
from maho_segments.services.definitions import validate
from maho_segments.services.project import Workspace
from tests.projects import copy_project

PLAN = Path("macros", "segments", "_generated", "segment_plan.sql")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "project")


def run(project: Path, *arguments: str) -> Result:
    # A warehouse that can't be reached: nothing here needs one.
    environ = {"SEGMENTS_PROJECT_DIR": str(project), "DBT_HOST": "192.0.2.1"}
    return CliRunner().invoke(app, list(arguments), env=environ)


def add_mistakes(project: Path) -> None:
    file = project / "segments.yml"
    file.write_text(
        file.read_text()
        + "\n  first_mistake:\n    match: { lifetime_sals: { gt: 1 } }\n"
        + "\n  second_mistake:\n    match: { orders: { where: { grand_total: cheap } } }\n"
    )


def test_valid_definitions_are_counted(project: Path) -> None:
    result = run(project, "validate")

    assert result.exit_code == 0
    assert "Valid: " in result.stderr
    answer = json.loads(run(project, "validate", "--json").stdout)
    assert answer["valid"]
    assert answer["segments"] >= answer["active"] > 30


def test_valid_definitions_are_written_as_the_plan(project: Path) -> None:
    file = project / "segments.yml"
    file.write_text(file.read_text().replace("gt: 5000", "gt: 6000"))
    before = (project / PLAN).read_text()

    assert run(project, "validate", "--check").exit_code == 1
    assert (project / PLAN).read_text() == before
    assert run(project, "validate").exit_code == 0
    assert "6000" in (project / PLAN).read_text()
    assert run(project, "validate", "--check").exit_code == 0


def test_all_mistakes_are_told_with_place_and_cure(project: Path) -> None:
    add_mistakes(project)

    result = run(project, "validate")

    assert result.exit_code == 2
    assert "in first_mistake: " in result.stderr
    assert "in second_mistake: " in result.stderr
    assert "Did you mean `lifetime_sales`?" in result.stderr
    assert "2 problems in segments.yml" in result.stderr


def test_mistakes_are_the_answer_for_programs(project: Path) -> None:
    add_mistakes(project)

    result = run(project, "validate", "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 2
    assert result.stderr == ""
    assert not answer["valid"]
    assert [(problem["segment"], problem["path"]) for problem in answer["problems"]] == [
        ("first_mistake", "segments.yml"),
        ("second_mistake", "segments.yml"),
    ]


def test_mistakes_leave_the_plan_alone(project: Path) -> None:
    before = (project / PLAN).read_text()
    add_mistakes(project)

    run(project, "validate")

    assert (project / PLAN).read_text() == before


def test_work_of_checking_grows_no_faster_than_the_segments(project: Path) -> None:
    file = project / "segments.yml"
    head, _, body = file.read_text().partition("\nsegments:\n")
    names = [line.strip(" :") for line in body.splitlines() if line.startswith("  ") and line[2:3].isalpha()]

    def calls_for(copies: int) -> int:
        """Calls of functions, which are the same on every machine; and each segment is checked."""
        bodies = []
        for number in range(copies):
            copy = body
            for name in names:
                copy = copy.replace(name, f"{name}_{number}")
            bodies.append(copy)
        file.write_text(head + "\nsegments:\n" + "\n".join(bodies))
        validate(Workspace(project, {}))
        profile = cProfile.Profile()
        validation = profile.runcall(validate, Workspace(project, {}))
        assert validation.segments == copies * len(names)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls_for(8) < 2.2 * calls_for(4)


def test_schema_is_written_and_checked(project: Path) -> None:
    assert run(project, "schema", "--check").exit_code == 1
    assert not (project / "segments.schema.json").exists()

    assert run(project, "schema").exit_code == 0
    assert json.loads((project / "segments.schema.json").read_text())["type"] == "object"
    assert run(project, "schema", "--check").exit_code == 0


ODD = "\n  odd:\n    match: { number_of_orders: { gt: 5, lt: 3 } }\n"


def test_advice_is_told_and_the_definitions_are_valid(project: Path) -> None:
    file = project / "segments.yml"
    file.write_text(file.read_text() + ODD)

    result = run(project, "validate")

    assert result.exit_code == 0
    assert "in odd: warning: these can't be true together" in result.stderr
    assert "[never-true]" in result.stderr
    assert "1 warning above." in result.stderr
    answer = json.loads(run(project, "validate", "--json").stdout)
    assert answer["valid"]
    assert [(problem["code"], problem["severity"]) for problem in answer["problems"]] == [
        ("never-true", "warning")
    ]


def test_strict_takes_advice_for_errors(project: Path) -> None:
    assert run(project, "validate", "--strict").exit_code == 0
    before = (project / PLAN).read_text()
    file = project / "segments.yml"
    file.write_text(file.read_text() + ODD)

    result = run(project, "validate", "--strict")

    assert result.exit_code == 2
    assert "[never-true]" in result.stderr
    assert "1 problem in segments.yml" in result.stderr
    assert (project / PLAN).read_text() == before
    answer = json.loads(run(project, "validate", "--strict", "--json").stdout)
    assert not answer["valid"]
    assert [(problem["code"], problem["severity"]) for problem in answer["problems"]] == [
        ("never-true", "error")
    ]
