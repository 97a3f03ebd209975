"""`segments load`: a shop's tables from CSV files."""

from pathlib import Path
from typing import Annotated

import typer

from maho_segments.cli.options import workspace


def load(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder with a CSV file (plain or .gz) for each table.")
    ],
) -> None:
    """Load a shop's tables from CSV files.

    They replace the shop in the warehouse, all of it or nothing: after an error the old shop is as it was.
    """
    from maho_segments.cli.output import count, say
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services import load as service

    with ProgressDisplay() as progress:
        report = service.load(workspace(), folder, progress=progress)
    for note in report.notes():
        say(note)
    filled = sum(loaded.rows > 0 for loaded in report.tables)
    say(f"Loaded {count(report.rows)} rows into {filled} tables.\nNext: segments build")
