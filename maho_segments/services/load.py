"""Fills the warehouse's raw tables with a shop."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import sql

from maho_segments.services.progress import Progress
from maho_segments.services.project import Workspace
from maho_segments.shop.load import LoadReport, load_folder
from maho_segments.shop.progress import ShopProgress, ShowProgress
from maho_segments.shop.replacement import RAW_SCHEMA
from maho_segments.warehouse import connect, ensure_running

Answer = TypeVar("Answer")


def load(workspace: Workspace, folder: Path, *, progress: Progress) -> LoadReport:
    """Replace the shop in the warehouse by the CSV files of a folder.

    Raises WarehouseError without a warehouse, ShopError for what can't be loaded; the old shop stays then.
    """
    progress.step("Reaching the warehouse")
    settings = ensure_running(workspace.folder, workspace.environ)
    progress.step(f"Loading {folder}")
    with connect(settings) as connection:
        return replace_shop(
            connection,
            lambda show: load_folder(connection, folder, progress=show),
            comment=None,
            progress=progress,
        )


def replace_shop(
    connection: psycopg.Connection,
    fill: Callable[[ShowProgress], Answer],
    *,
    comment: str | None,
    progress: Progress,
) -> Answer:
    """Fill the raw tables, and say in the schema's comment what shop it is, together or not at all."""
    with connection.transaction():
        answer = fill(shop_progress(progress))
        connection.execute(
            sql.SQL("comment on schema {} is {}").format(sql.Identifier(RAW_SCHEMA), sql.Literal(comment))
        )
    return answer


def shop_progress(progress: Progress) -> ShowProgress:
    """A listener for the shop's progress that passes it on as ours."""

    def listen(news: ShopProgress) -> None:
        progress.part(news.what, news.done, news.total)

    return listen
