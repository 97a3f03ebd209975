"""Builds that fail halfway: what they say, and that nothing is published."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from maho_segments.services.lock import build_lock
from tests.integration.cli.conftest import Shell

BUILT = "select count(*) from segments.segment_runs where status = 'published'"


@pytest.fixture(scope="module", autouse=True)
def repaired(shop: Shell) -> Iterator[None]:
    """Views that a build drops and does not come to make again are there for the next module."""
    yield
    shop.ask("build")


def test_failing_model_is_named_with_its_file_and_the_databases_words(shop: Shell) -> None:
    runs = shop.database.rows(BUILT)
    model = shop.project / "models/relations/orders.sql"
    text = model.read_text()
    model.write_text("select nonsense")
    try:
        result = shop.run("build")
    finally:
        model.write_text(text)

    assert result.exit_code == 1
    assert 'model orders (models/relations/orders.sql): column "nonsense" does not exist' in result.stderr
    assert "more were not run for it" in result.stderr
    assert "Traceback" not in result.stderr
    assert shop.database.rows(BUILT) == runs


def test_rows_of_nobody_fail_their_test_before_anything_is_published(shop: Shell) -> None:
    runs = shop.database.rows(BUILT)
    order = shop.database.rows("select min(entity_id) from maho.sales_flat_order where customer_id = 1")[0][0]
    move = f"update maho.sales_flat_order set customer_id = {{}} where entity_id = {order}"
    shop.database.execute(move.format(999_999))
    try:
        result = shop.run("build", "--full")
    finally:
        shop.database.execute(move.format(1))

    assert result.exit_code == 1
    assert "test relationships_stg_maho__orders_customer_id" in result.stderr
    assert "The segments are published" not in result.stderr
    assert shop.database.rows(BUILT) == runs


def test_project_that_dbt_can_not_read_is_an_error_with_the_reason(shop: Shell) -> None:
    model = shop.project / "models/marts/extra.sql"
    model.write_text("select * from {{ ref('no_such_model') }}")
    try:
        result = shop.run("build")
    finally:
        model.unlink()

    assert result.exit_code == 1
    assert "dbt could not read the project" in result.stderr
    assert "no_such_model" in result.stderr
    assert "Traceback" not in result.stderr


def test_interrupted_build_publishes_nothing_and_frees_the_lock(shop: Shell) -> None:
    runs = shop.database.rows(BUILT)
    with shop.database.connect() as blocker, blocker.transaction():
        blocker.execute("lock table maho.customer_entity in access exclusive mode")
        process = shop.start("build", "--full")  # another reads no table without news
        wait_until_somebody_is_blocked(shop)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted." in told
    assert "Traceback" not in told
    assert shop.database.rows(BUILT) == runs
    with build_lock(shop.database.settings, now=datetime.now(UTC)):
        pass


def wait_until_somebody_is_blocked(shop: Shell) -> None:
    """Until a session of the database waits for a lock."""
    query = """
        select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'
    """
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if shop.database.rows(query)[0][0]:
            return
        time.sleep(0.2)
    raise AssertionError("the build never came to the locked table")
