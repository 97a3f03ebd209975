"""The demo: a generated shop, and its segments."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from maho_segments import language
from maho_segments.errors import ShopError
from maho_segments.services.build import build
from maho_segments.services.build_report import BuildReport
from maho_segments.services.capture_keeping import install_capture
from maho_segments.services.load import (
    DEMO_MARK,
    forget_segments,
    holds_demo,
    replace_shop,
    shop_progress,
)
from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.shop.demo import generate_shop, write_csv
from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.warehouse import connect, ensure_running


@dataclass(frozen=True)
class DemoShop:
    """Which shop to generate: the same customers, seed and day give the same shop."""

    customers: int
    seed: int


def run_demo(
    workspace: Workspace, shop: DemoShop, *, now: datetime, replace: bool, progress: Progress
) -> BuildReport:
    """Fill the warehouse with a generated shop whose present is `now`, and build its segments as of then.

    Raises ShopError where another shop is loaded, unless it may be replaced, and whatever a build raises.
    """
    language.check_project(workspace.folder)
    progress.step("Starting the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    with connect(settings) as connection:
        if _holds_another_shop(connection) and not replace:
            raise ShopError(
                f"Schema {RAW_SCHEMA} holds a shop that is not a demo.",
                "`segments demo --replace` throws it away, its segments and their history too. "
                "To keep it, use another database (DBT_DBNAME) or another SEGMENTS_WAREHOUSE_DIR.",
            )
        # Another demo has other people, too.
        forget_segments(connection, settings.schema)
        progress.step(f"Generating a shop with {shop.customers:,} customers")
        replace_shop(
            connection,
            lambda show: generate_shop(
                connection, customers=shop.customers, seed=shop.seed, now=now, progress=show
            ),
            comment=DEMO_MARK,
            progress=progress,
        )
    install_capture(workspace, progress)
    return build(workspace, as_of=now, progress=progress)


def write_demo(shop: DemoShop, folder: Path, *, now: datetime, progress: Progress) -> int:
    """Write the shop as CSV files, one a table, for `segments load`; how many rows they have."""
    progress.step(f"Generating a shop with {shop.customers:,} customers")
    rows = write_csv(
        folder, customers=shop.customers, seed=shop.seed, now=now, progress=shop_progress(progress)
    )
    return sum(rows.values())


def _holds_another_shop(connection: psycopg.Connection) -> bool:
    """Whether the raw tables hold a shop that was not generated."""
    row = connection.execute("select to_regclass(%s)", [f"{RAW_SCHEMA}.core_website"]).fetchone()
    if row is None or row[0] is None or holds_demo(connection):
        return False
    query = sql.SQL("select exists (select from {})").format(sql.Identifier(RAW_SCHEMA, "core_website"))
    row = connection.execute(query).fetchone()
    return row is not None and bool(row[0])
