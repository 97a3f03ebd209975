"""Whatever alerts.yml holds is channels, or problems that say where: never a defect, never a hang."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from orchestration.alerts.configuration import ALERTS_FILE, read_alert_settings
from tests.databases import PROJECT
from tests.fuzzing import fuzzed, mutated, no_hang, trees

LINES = (PROJECT / ALERTS_FILE).read_text(encoding="utf-8").splitlines()
EXAMPLES = "\n".join(line.removeprefix("# ") for line in LINES[LINES.index("# channels:") :])
SMALL = """version: 1
link: https://dagster.example
overdue_after_minutes: 90
channels:
  chat: { type: slack, url_variable: CHAT_URL, minimum: error, repeat_after_hours: 4 }
  mail: { type: email, host: mx, sender: a@b.example, recipients: [c@d.example], encryption: none }
"""
CHANNELS = trees(
    """
    version link overdue_after_minutes channels chat mail type slack teams webhook email url_variable minimum
    error warning repeat_after_hours host port sender recipients encryption none tls starttls user_variable
    password_variable segments owners tags a@b.example https://dagster.example CHAT_URL
    """
)


def check(folder: Path, source: bytes) -> None:
    (folder / ALERTS_FILE).write_bytes(source)
    with no_hang():
        settings = read_alert_settings(folder)
    for problem in settings.error.problems if settings.error else ():
        assert problem.found
        assert "\n" not in problem.found
        json.dumps(problem.as_dict())


@fuzzed
@given(source=mutated([SMALL.encode(), f"version: 1\n{EXAMPLES}\n".encode()], b"channels:\n"))
def test_mutated_file_is_answered(tmp_path: Path, source: bytes) -> None:
    check(tmp_path, source)


@fuzzed
@given(tree=CHANNELS, is_file=st.booleans())
def test_any_tree_is_answered(tmp_path: Path, tree: object, is_file: bool) -> None:
    document = tree if is_file else {"version": 1, "channels": {"chat": tree}}
    check(tmp_path, json.dumps(document).encode())
