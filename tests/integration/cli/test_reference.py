"""The warehouse and the reference evaluator agree: on who is who, and on the members of every segment."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from maho_segments.shop.demo import generate_shop
from maho_segments.warehouse import connect
from tests.integration.cli.conftest import Shell
from tests.integration.cli.every_column import segments_about_every_column
from tests.integration.cli.reference_shop import differences, evaluated, merges, raw_rows
from tests.reference import Evaluation


@pytest.fixture(scope="module")
def evaluation(shop: Shell) -> Evaluation:
    """The demo shop as the reference sees it."""
    return evaluated(shop)


def test_everybody_is_who_the_reference_says(shop: Shell, evaluation: Evaluation) -> None:
    assert merges(shop) == {key: profile.merged_into for key, profile in evaluation.profiles.items()}


def test_shipped_segments_have_the_members_of_the_reference(shop: Shell, evaluation: Evaluation) -> None:
    assert differences(shop, evaluation) == {}


@pytest.fixture(scope="module")
def wide_shop(new_shell: Callable[[], Shell]) -> Shell:
    """A small demo shop with segments that ask about every column there is."""
    shell = new_shell()
    with connect(shell.database.settings) as connection:
        generate_shop(connection, customers=200, seed=3, now=datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    (shell.project / "segments.yml").write_text(segments_about_every_column(raw_rows(shell.database)))
    shell.ask("build", "--as-of", "2026-03-29T01:30:00Z")
    return shell


def test_segments_about_every_column_have_the_members_of_the_reference(wide_shop: Shell) -> None:
    evaluation = evaluated(wide_shop)

    assert differences(wide_shop, evaluation) == {}
    assert len([name for name, members in evaluation.members.items() if members]) > 150
