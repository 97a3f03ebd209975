"""Every error ends as a message on standard error and the exit code that stands for it."""

import json
from pathlib import Path
from typing import NoReturn

import pytest
import typer
from typer.testing import CliRunner, Result

from maho_segments.cli.failures import SegmentsGroup
from maho_segments.cli.main import app
from maho_segments.errors import BuildError, DefinitionsError, Problem

PROBLEM = Problem(
    code="unknown_column",
    path="segments.yml",
    line=12,
    column=7,
    segment="vip",
    found="orders has no column 'grand_totl'",
    allowed=("grand_total", "subtotal"),
    hint="Did you mean grand_total?",
)


def failing(error: BaseException) -> typer.Typer:
    """A program of the same kind whose only command ends in that error."""
    program = typer.Typer(cls=SegmentsGroup, rich_markup_mode=None, pretty_exceptions_enable=False)

    @program.callback()
    def root(debug: bool = False) -> None: ...

    @program.command()
    def fail(as_json: bool = typer.Option(False, "--json")) -> NoReturn:
        raise error

    return program


def run(program: typer.Typer, *arguments: str) -> Result:
    return CliRunner().invoke(program, list(arguments))


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (BuildError("model x failed", "See the log."), 1, ["model x failed", "See the log."]),
        (
            DefinitionsError([PROBLEM]),
            2,
            [
                "segments.yml:12:7 in vip: orders has no column 'grand_totl'",
                "allowed: grand_total, subtotal",
                "Did you mean grand_total?",
                "1 problem in segments.yml",
            ],
        ),
        (KeyboardInterrupt(), 130, ["Interrupted."]),
        (
            FileNotFoundError(2, "No such file or directory", "rule.yml"),
            1,
            ["No such file or directory (rule.yml)"],
        ),
        (ZeroDivisionError("division by zero"), 1, ["ZeroDivisionError: division by zero", "defect"]),
    ],
)
def test_error_is_told_without_a_traceback(error: BaseException, code: int, told: list[str]) -> None:
    result = run(failing(error), "fail")

    assert result.exit_code == code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    for text in told:
        assert text in result.stderr


@pytest.mark.parametrize(
    ("error", "code", "kind"),
    [
        (BuildError("model x failed"), 1, "BuildError"),
        (DefinitionsError([PROBLEM]), 2, "DefinitionsError"),
        (KeyboardInterrupt(), 130, "Interrupted"),
        (ZeroDivisionError("division by zero"), 1, "ZeroDivisionError"),
    ],
)
def test_error_is_json_for_programs(error: BaseException, code: int, kind: str) -> None:
    result = run(failing(error), "fail", "--json")

    told = json.loads(result.stderr)["error"]
    assert result.exit_code == code
    assert told["type"] == kind
    assert {"type", "message", "hint"} <= told.keys()


def test_problems_are_json_with_their_places() -> None:
    told = json.loads(run(failing(DefinitionsError([PROBLEM])), "fail", "--json").stderr)["error"]

    assert told["problems"] == [PROBLEM.as_dict()]


def test_debug_shows_the_traceback() -> None:
    result = run(failing(BuildError("model x failed")), "--debug", "fail")

    assert result.exit_code == 1
    assert "Traceback" in result.stderr
    assert "model x failed" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "No such command 'frobnicate'."),
        (["build", "--nope"], "No such option: --nope"),
        (["members"], "Missing argument 'NAME'."),
        (["members", "vip", "--limit", "none"], "--limit"),
        (["preview"], "NAME"),
        (["preview", "vip", "--file", "rule.yml"], "NAME"),
    ],
)
def test_wrong_usage_has_an_exit_code_of_its_own(arguments: list[str], told: str) -> None:
    result = run(app, *arguments)

    assert result.exit_code == 64
    assert told in result.stderr
    assert "--help" in result.stderr


def test_wrong_usage_is_json_for_programs() -> None:
    told = json.loads(run(app, "build", "--nope", "--json").stderr)["error"]

    assert told["type"] == "UsageError"
    assert told["message"] == "No such option: --nope"


def test_outside_a_project_the_message_says_how_to_get_in(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["validate"], env={"SEGMENTS_PROJECT_DIR": str(tmp_path)})

    assert result.exit_code == 1
    assert "a folder without dbt_project.yml" in result.stderr
