"""Regular expressions of PostgreSQL as the reference evaluator understands them."""

import pytest

from tests.reference.patterns import fits


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        (r"\y(gmbh|ag)\y", "Müller GmbH & Co", True),
        (r"\y(gmbh|ag)\y", "Agfa", False),
        (r"\mfa\M", "Agfa fa", True),
        ("^[[:digit:]]{5}$", "10115", True),
        ("^[[:digit:]]{5}$", "10115\n", False),  # $ is the end and nothing else
        ("a.c", "a\nc", True),
        ("[^[:space:]-]", " - ", False),
        ("[]^]", "]", True),
    ],
)
def test_pattern_fits(pattern: str, text: str, answer: bool) -> None:
    assert fits(pattern, text, case_sensitive=False) is answer


def test_case_counts_where_it_is_said() -> None:
    assert fits("ada", "ADA", case_sensitive=False)
    assert not fits("ada", "ADA", case_sensitive=True)
