"""`segments demo` and `segments load`: shops that come and go, and the one that stays."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from tests.integration.cli.conftest import Shell

CUSTOMERS = "select count(*) from maho.customer_entity"


def test_shops_replace_each_other_only_where_that_is_meant(shell: Shell, tmp_path: Path) -> None:
    """One story, because each step starts where the last one ended."""
    written = shell.run("demo", "--customers", "40", "--csv", str(tmp_path / "shop"))
    assert written.exit_code == 0, written.stderr
    assert "Next: segments load" in written.stderr

    # A shop from files, compressed ones too.
    orders = tmp_path / "shop" / "sales_flat_order.csv"
    (tmp_path / "shop" / "sales_flat_order.csv.gz").write_bytes(gzip.compress(orders.read_bytes()))
    orders.unlink()
    loaded = shell.run("load", str(tmp_path / "shop"))
    assert loaded.exit_code == 0, loaded.stderr
    assert "Next: segments build" in loaded.stderr
    assert shell.database.rows(CUSTOMERS) == [(40,)]

    # It is not a demo: it stays, until somebody says that it may go.
    refused = shell.run("demo", "--customers", "20")
    assert refused.exit_code == 1
    assert "holds a shop that is not a demo" in refused.stderr
    assert "--replace" in refused.stderr
    assert shell.database.rows(CUSTOMERS) == [(40,)]

    replaced = shell.run("demo", "--customers", "20", "--replace")
    assert replaced.exit_code == 0, replaced.stderr
    assert "VIP Platinum" in replaced.stdout
    assert "segments show vip_platinum" in replaced.stderr
    assert shell.database.rows(CUSTOMERS) == [(20,)]

    # A demo makes room for the next one.
    assert len(shell.ask("demo", "--customers", "30")["segments"]) == len(shell.ask("list"))
    assert shell.database.rows(CUSTOMERS) == [(30,)]

    # A shop from files makes the demo and what was built of it go: its customers are other people.
    loaded = shell.run("load", str(tmp_path / "shop"))
    assert loaded.exit_code == 0, loaded.stderr
    assert "The demo shop and its segments are removed." in loaded.stderr
    assert shell.database.rows(
        "select to_regclass('segments.segments'), to_regclass('audiences.vip_gold')"
    ) == [(None, None)]
    # Nobody is that valuable so early: the guard of the example holds it back, and those that refer to it.
    assert shell.run("build", "--as-of", "2020-01-01T00:00:00Z").exit_code == 3
    assert {segment["status"] for segment in shell.ask("list")} == {"published", "held"}

    # Loaded once more, everybody is looked at: what was logged is of rows that are gone.
    assert shell.run("load", str(tmp_path / "shop")).exit_code == 0
    again = json.loads(shell.run("build", "--as-of", "2020-01-01T00:30:00Z", "--json").stdout)
    assert again["mode"] == "full"
    assert again["why"].startswith("changes were not captured all the time, tables were loaded or made anew")


def test_load_of_a_folder_without_a_shop_keeps_the_old_one(shell: Shell, tmp_path: Path) -> None:
    result = shell.run("load", str(tmp_path))

    assert result.exit_code == 1
    assert "There is no core_website" in result.stderr
    assert "Nothing was loaded." in result.stderr


def test_before_the_first_build_the_commands_say_so(new_shell: Callable[[], Shell]) -> None:
    shell = new_shell()

    members = shell.run("members", "vip_gold")
    assert members.exit_code == 1
    assert "Nothing is built yet." in members.stderr
    assert "segments build" in members.stderr
    assert {segment["status"] for segment in shell.ask("list")} == {"never_built"}
    preview = shell.run("preview", "vip_gold")
    assert preview.exit_code == 1
    assert "Run `segments build` once, then preview." in preview.stderr
    doctor = shell.run("doctor", "--json")
    assert doctor.exit_code == 1
    findings = {finding["subject"]: finding for finding in json.loads(doctor.stdout)}
    assert findings["shop"]["state"] == "bad"
    assert "segments demo" in findings["shop"]["hint"]
    assert findings["last build"]["found"] == "none yet"
