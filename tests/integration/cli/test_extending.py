"""The worked example of docs/extending.md, taken from the page and built: relation, extension, condition."""

import re
from collections.abc import Callable

import pytest

from tests.databases import PROJECT
from tests.integration.cli.attribute_shop import write_shop
from tests.integration.cli.conftest import Shell

PAGE = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")

# Customers 1 to 4 of the shop; an account and entries of nobody count for nobody.
ROWS = """
    insert into loyalty.accounts values
        (1, 'Gold', 700, '2024-03-01'), (2, 'gold', 80, '2025-06-01'), (3, 'Silver', 500, '2024-12-31'),
        (99, 'Gold', 900, '2020-01-01');
    insert into loyalty.points values
        (1, 1, 100, 'review', '2025-02-20Z'), (2, 1, 600, 'order', '2025-03-01Z'),
        (3, 2, 90, 'order', '2026-02-01Z'), (4, 2, -10, 'reward', '2026-02-05Z'),
        (5, 3, 500, 'order', '2024-02-01Z'), (6, 3, 10, 'order', '2026-03-01Z'),
        (7, 99, 900, 'review', '2025-01-01Z');
    insert into maho.sales_flat_order (entity_id, state, store_id, customer_id, customer_email, created_at)
    values
        (50, 'new', 1, 2, 'c2@shop.example', '2026-01-20'),
        (51, 'new', 1, 1, 'c1@shop.example', '2026-03-01');
    insert into maho.sales_flat_order_item (item_id, order_id, product_id, sku)
    values (50, 50, 102, 'x'), (51, 51, 101, 'x');
"""


def blocks(language: str) -> dict[str, str]:
    """The page's blocks of a language that begin with the name of their file, by that name."""
    found = re.findall(rf"```{language}\n(?:--|#) ([^\n]+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.fixture(scope="module")
def extended(new_shell: Callable[[], Shell], tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The shop with everything that the page shows, built."""
    shell = new_shell()
    folder = tmp_path_factory.mktemp("extending")
    write_shop(folder)
    assert shell.run("load", str(folder)).exit_code == 0
    files = {**blocks("sql"), **blocks("yml"), **blocks("yaml")}
    shell.database.execute(files.pop("setup.sql"))
    shell.database.execute(ROWS)
    files["segments.yml"] += files.pop("segments.yml, more")
    shipped = (shell.project / "attributes.yml").read_text(encoding="utf-8")
    files["attributes.yml"] = shipped + files["attributes.yml"].removeprefix("attributes:\n")
    for name, text in files.items():
        path = shell.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (shell.project / "segment_tests.yml").unlink(missing_ok=True)
    validation = shell.run("validate")
    assert validation.exit_code == 0, validation.stderr
    shell.ask("build", "--as-of", "2026-02-10T00:00:00Z")
    return shell


def test_every_file_of_the_example_is_there() -> None:
    assert len({**blocks("sql"), **blocks("yml"), **blocks("yaml")}) == 11


def test_members_are_those_of_the_rows(extended: Shell) -> None:
    found: dict[str, set[int]] = {}
    for name, customer in extended.database.rows(
        "select segment_name, customer_id from segments.segment_members"
    ):
        found.setdefault(name, set()).add(customer)
    assert found == {
        "gold_about_to_leave": {1},
        # Silver, and the entry of 1 March is not there yet.
        "saves_for_something": {1, 3},
        "earns_more_than_held": {2},
        "reviewers_of_the_first_hour": {1},
        # Customer 1 orders again only after the run's instant.
        "bought_again": {2},
        "first_timers_with_points": {1, 3},
    }


def test_only_models_that_are_used_are_joined(extended: Shell) -> None:
    used = extended.ask("preview", "gold_about_to_leave", "--as-of", "2026-02-10")
    unused = extended.ask("preview", "bought_again", "--as-of", "2026-02-10")
    assert "loyalty_accounts" in used["sql"]
    assert (used["members"], unused["members"]) == (1, 1)
    assert "loyalty" not in unused["sql"]


def test_arguments_of_a_condition_are_looked_at(extended: Shell) -> None:
    rule = "condition: {{ name: bought_again, with: {} }}"
    wrong = extended.run("preview", "-", stdin=rule.format("{ order: 2 }"))
    missing = extended.run("preview", "-", stdin=rule.format("{}"))
    assert (wrong.exit_code, missing.exit_code) == (2, 1)
    assert "Did you mean `orders`?" in wrong.stderr
    assert "A literal of type number has no value" in missing.stderr


def test_doctor_looks_at_the_shop_beside_other_sources(extended: Shell) -> None:
    findings = {finding["subject"]: finding["found"] for finding in extended.ask("doctor")}
    assert "accounts" not in findings["shop"]


def test_a_word_of_two_models_is_refused_with_both_files(extended: Shell) -> None:
    file = extended.project / "models" / "relations" / "_loyalty__models.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("name: loyalty_since", "name: gender"), encoding="utf-8")
    clash = extended.run("validate")
    file.write_text(text, encoding="utf-8")
    assert clash.exit_code == 2
    assert "_loyalty__models.yml" in clash.stderr
    assert "`gender` is in profiles too (models/identities/_identities__models.yml)" in clash.stderr


def test_changes_of_rows_from_elsewhere_are_captured(extended: Shell) -> None:
    report = extended.ask("capture", "install")
    assert {"loyalty.accounts", "loyalty.points"} <= set(report["installed"])
    assert report["gaps"] == {}
    extended.database.execute("update loyalty.points set points = 91 where entry_id = 3")
    extended.database.execute("delete from loyalty.accounts where shop_customer_id = 99")
    log = "select kind, id, source from segments_capture.change_log order by id"
    assert extended.database.rows(log) == [
        ("customer", 2, "loyalty.points"),
        ("customer", 99, "loyalty.accounts"),
    ]
    status = extended.ask("capture", "status")
    assert (status["complete"], status["log_rows"]) == (True, 2)
