"""`segments list`, `show` and `members`: the segments and who is in them."""

import csv
import sys
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from maho_segments.cli.options import AsOfOption, JsonOption, SegmentArgument, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.segments import DescribedSegment

_TABLE_LIMIT = 20
_MEMBER_COLUMNS = (
    "profile_id",
    "profile_type",
    "customer_id",
    "email",
    "first_name",
    "last_name",
    "website_code",
    "entered_at",
)


def list_(as_json: JsonOption = False) -> None:
    """Print the segments, with their members."""
    from maho_segments.cli.output import count, print_json, print_table, say
    from maho_segments.services.instants import format_instant
    from maho_segments.services.segments import list_segments

    listed = list_segments(workspace())
    if as_json:
        print_json([segment.as_dict() for segment in listed])
        return
    print_table(
        [
            ("Segment", "left"),
            ("Label", "left"),
            ("Members", "right"),
            ("Status", "left"),
            ("As of", "left"),
        ],
        (
            (
                segment.name,
                segment.label,
                count(segment.members),
                segment.status.replace("_", " "),
                format_instant(segment.as_of) if segment.as_of else "-",
            )
            for segment in listed
        ),
    )
    for segment in listed:
        if segment.reason:
            say(f"{segment.name} is {segment.status}: {segment.reason}")
    if any(segment.status == "held" for segment in listed):
        say("`segments release NAME` publishes what is held.")


def show(
    name: SegmentArgument,
    as_of: AsOfOption = None,
    sql: Annotated[bool, typer.Option("--sql/--no-sql", help="With the SQL of the segment.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Say who is in a segment.

    In words, in numbers, and in the SQL that a build runs.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.services.segments import describe_segment

    segment = describe_segment(workspace(), name, as_of=instant(as_of), with_sql=sql)
    if as_json:
        print_json(segment.as_dict())
    else:
        _print_segment(segment)


def _print_segment(segment: "DescribedSegment") -> None:
    from rich.text import Text

    from maho_segments.cli.output import count, counted, data_console, print_sql, share
    from maho_segments.services.instants import format_instant

    console = data_console()
    console.print(Text.assemble((segment.label, "bold"), f"  {segment.name}"))
    if segment.description:
        console.print(Text(segment.description))
    about = [("owner", segment.owner), ("tags", ", ".join(segment.tags))]
    console.print(Text("   ".join(f"{word}: {value}" for word, value in about if value), style="dim"))
    console.print()
    console.print(Text(segment.words))
    console.print()
    if segment.as_of is None:
        console.print(Text(f"Status: {segment.status.replace('_', ' ')}."))
    else:
        console.print(
            Text(
                f"{counted(segment.members, 'member')} as of {format_instant(segment.as_of)}, "
                f"{share(segment.members, segment.audience)} of {count(segment.audience)} in its audience; "
                f"the last run saw {count(segment.entered)} enter and {count(segment.left)} leave."
            )
        )
    if segment.reason:
        console.print(Text(f"It is {segment.status}, with its old members: {segment.reason}"))
    if segment.sql:
        console.print()
        print_sql(segment.sql)


def members(
    name: SegmentArgument,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"How many, the latest entries first. Default: {_TABLE_LIMIT} in a table, else all."
        ),
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a heading.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the members of a segment as last published."""
    from maho_segments.cli.output import count, print_json_rows, print_people, say
    from maho_segments.services import segments

    if as_csv and as_json:
        raise typer.BadParameter("choose one of them", param_hint="--csv, --json")
    as_table = not (as_csv or as_json)
    shown = limit or (_TABLE_LIMIT if as_table else None)
    # One more than is shown tells whether there are more.
    with segments.members(workspace(), name, limit=shown + 1 if as_table and shown else shown) as rows:
        if as_csv:
            _write_csv(rows)
        elif as_json:
            print_json_rows(rows)
        else:
            found = list(rows)
            print_people(islice(found, shown), website="website_code", since="entered_at")
            if shown and len(found) > shown:
                say(f"The latest {count(shown)}; `--limit`, `--csv` or `--json` print more.")


def _write_csv(rows: Iterator[dict[str, Any]]) -> None:
    from maho_segments.cli.output import plain

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_MEMBER_COLUMNS)
    writer.writerows([plain(row[column]) for column in _MEMBER_COLUMNS] for row in rows)
