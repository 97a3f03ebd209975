"""bin/setup on machines that lack something: it says what, and how to get it."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import PROJECT

TOOLS = ("sh", "cat", "cmp", "head", "dirname", "grep", "tail", "awk", "mkdir", "rm", "mv")
UNREACHABLE = {
    "PIP_CONFIG_FILE": "/dev/null",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What bin/setup reads, in a folder of its own."""
    (tmp_path / "bin").mkdir()
    for name in ("bin/setup", "requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what every system has, and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def setup(clone: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / "bin" / "setup"], env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def test_missing_python_is_told(clone: Path, tools: Path) -> None:
    answer = setup(clone, PATH=str(tools))
    assert answer.returncode == 1
    assert "Python 3.11 or newer is needed; found: no python3." in answer.stderr
    assert "apt install python3 python3-venv" in answer.stderr
    assert not (clone / ".venv").exists()


def test_old_python_is_told(clone: Path, tools: Path) -> None:
    old = tools / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 || exit 1\n')
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    assert "found: Python 3.9.2." in setup(clone, PATH=str(tools)).stderr


def test_named_python_that_is_none_is_told(clone: Path, tools: Path) -> None:
    assert "found: no /no where/python3." in setup(clone, PATH=str(tools), PYTHON="/no where/python3").stderr


def test_unreachable_package_index_is_told(clone: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, **UNREACHABLE}
    answer = setup(clone, **environ)
    assert answer.returncode == 1
    assert "the package index does not answer" in answer.stderr
    assert "Connection refused" in answer.stderr
    assert "PIP_INDEX_URL" in answer.stderr
    # The next run must not take the unfinished environment for a good one.
    assert "does not answer" in setup(clone, **environ).stderr


def test_scripts_are_plain_shell() -> None:
    for name in ("setup", "demo", "test"):
        script = PROJECT / "bin" / name
        assert script.read_text().startswith("#!/bin/sh\n")
        assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
