"""What deploy/ starts: programs and files that are there, and the same in both forms."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
PROGRAMS = Path(sys.executable).parent
SERVICES = {"code", "daemon", "webserver", "watch", "health"}


def unit_commands() -> dict[str, list[str]]:
    """The command of each unit, by the service's name."""
    found = {}
    for unit in (DEPLOY / "systemd").glob("*.service"):
        (line,) = re.findall(r"^ExecStart=/srv/segments/.venv/bin/(.*)$", unit.read_text(), re.MULTILINE)
        found[unit.stem.removeprefix("segments-")] = shlex.split(line)
    return found


def compose_commands() -> dict[str, list[str]]:
    """The command of each container of ours."""
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    commands = {name: service["command"] for name, service in services.items() if "command" in service}
    shell, option, script = commands["code"]
    assert (shell, option) == ("sh", "-c")
    commands["code"] = shlex.split(script.partition("exec ")[2])
    return commands


def without_addresses(command: list[str]) -> list[str]:
    """A command without where it listens, which is another thing in a container."""
    return shlex.split(re.sub(r" --host \S+", "", shlex.join(command)))


def test_units_and_containers_start_the_same():
    units, containers = unit_commands(), compose_commands()
    assert set(units) == set(containers) == SERVICES
    for name in SERVICES:
        ours, theirs = without_addresses(units[name]), without_addresses(containers[name])
        assert sorted(ours) == sorted(theirs), name


def test_programs_and_files_exist():
    for command in unit_commands().values():
        assert (PROGRAMS / command[0]).exists()
        for word in command:
            if word.endswith(".yaml"):
                assert (PROJECT / word).is_file()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path):
    for unit in (DEPLOY / "systemd").glob("segments*.*"):
        # The programs have to be there.
        text = unit.read_text().replace("/srv/segments/.venv/bin", str(PROGRAMS))
        (tmp_path / unit.name).write_text(text)
    units = [path for path in tmp_path.iterdir() if path.suffix != ".env"]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    # It only warns of words that it does not know.
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_every_variable_is_documented():
    text = (PROJECT / "docs" / "production.md").read_text() + (PROJECT / "README.md").read_text()
    alerts = (PROJECT / "docs" / "alerts.md").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", (DEPLOY / "systemd" / "segments.env").read_text(), re.MULTILINE))
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    named |= set(compose["x-segments"]["environment"])
    assert {name for name in named if f"`{name}`" not in text and name not in alerts} == set()
