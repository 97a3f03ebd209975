"""What `--help` says, and what it costs to ask."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from maho_segments.cli.failures import USAGE
from maho_segments.cli.main import app

HEAVY = ("dbt", "psycopg", "psycopg2", "numpy", "rich", "agate", "jinja2")


def commands() -> Iterator[list[str]]:
    """The words of every command, groups left out."""
    for name, command in get_command(app).commands.items():
        inner = getattr(command, "commands", None)
        yield from ([name, word] for word in inner) if inner else [[name]]


@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_help_has_examples_that_call_the_command(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])

    assert result.exit_code == 0
    examples = result.stdout.partition("Examples:")[2]
    assert f"segments {' '.join(command)}" in examples


def test_summaries_are_not_cut_off() -> None:
    summaries = CliRunner().invoke(app, ["--help"]).stdout.partition("Commands:")[2].partition("Examples:")[0]

    assert "..." not in summaries


def test_what_contradicts_itself_is_refused() -> None:
    for some in (["--select", "vip_gold"], ["--due"], ["--on-change"]):
        result = CliRunner().invoke(app, ["build", "--all", *some])

        assert result.exit_code == USAGE
        assert "choose --all, or some by" in result.stderr


def test_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.stdout.startswith("segments ")


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["validate"], ["validate", "--json"]])
def test_quick_commands_import_nothing_heavy(arguments: list[str]) -> None:
    code = "from maho_segments.cli.main import app; import sys; app()"
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )

    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    # The definitions' warnings and the closing word are for people, and those get Rich.
    allowed = {"rich"} if arguments == ["validate"] else set()
    assert imported.isdisjoint(set(HEAVY) - allowed)
