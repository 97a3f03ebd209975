"""Making a cluster: PostgreSQL's data folder with the warehouse's database and roles in it."""

import re
from pathlib import Path

from maho_segments.errors import WarehouseError
from maho_segments.warehouse.account import Account
from maho_segments.warehouse.binaries import Binaries
from maho_segments.warehouse.settings import EMBEDDED_DATABASE, EMBEDDED_READER, EMBEDDED_USER

SETTINGS_FILE = "segments.conf"
_UTF8_WITHOUT_SYSTEM_LOCALES = 17


def make_cluster(folder: Path, account: Account, binaries: Binaries) -> None:
    """Fill an empty folder of this user; whoever sees the folder under its later name sees all of it."""
    _run_initdb(folder, account, binaries)
    _make_database(folder, account, binaries)
    configuration = folder / "postgresql.conf"
    text = account.run(["cat", configuration]).stdout
    account.write(configuration, f"{text}\ninclude_if_exists = '{SETTINGS_FILE}'\n")


def _run_initdb(folder: Path, account: Account, binaries: Binaries) -> None:
    if binaries.major_version >= _UTF8_WITHOUT_SYSTEM_LOCALES:
        locales = [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    else:
        locales = [["--locale=C.UTF-8"], ["--locale=C"]]  # the first is not on every system
    options = ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--no-instructions"]
    said = ""
    for locale in locales:
        made = account.run(
            [binaries.initdb, "--pgdata", folder, "--username", EMBEDDED_USER, *options, *locale]
        )
        if made.returncode == 0:
            return
        said = made.stdout.strip()
    raise WarehouseError(
        f"The embedded warehouse can't be made: {said}", "Check rights and space of the disk."
    )


def _make_database(folder: Path, account: Account, binaries: Binaries) -> None:
    """In PostgreSQL's single-user mode: it takes a statement a line and reports errors in its output only."""
    statements = f"create database {EMBEDDED_DATABASE};\ncreate role {EMBEDDED_READER} nologin;\n"
    run = account.run([binaries.postgres, "--single", "-D", folder, "postgres"], stdin=statements)
    if run.returncode or re.search(r"\b(ERROR|FATAL|PANIC):", run.stdout):
        raise WarehouseError(
            f"The embedded warehouse's database can't be made: {run.stdout.strip()}",
            "Check rights and space of the disk.",
        )
