"""`segments preview`: who would be in a segment."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import AsOfOption, JsonOption, instant, workspace

if TYPE_CHECKING:
    from maho_segments.services.preview import Preview, Rule


def preview(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|-", help="A segment of segments.yml, or - for a rule on standard input."
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", metavar="FILE", help="A file with a rule, or with a whole segment."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many members to show.")] = 10,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL as well.")] = False,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a segment or rule; write nothing.

    Counts and samples its members. The same macros render it as a build, so a build at the same instant finds
    the same members.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.services import preview as service

    rule = _rule(name, file)
    answer = service.preview(workspace(), rule, as_of=instant(as_of), limit=limit)
    if as_json:
        print_json(answer.as_dict())
    else:
        _print_preview(answer, with_sql=sql)


def _rule(name: str | None, file: Path | None) -> "Rule":
    from maho_segments.services.preview import Rule

    if (name is None) == (file is None):
        raise typer.BadParameter("give a NAME, or --file FILE, or - for standard input", param_hint="NAME")
    if file is not None:
        return Rule(text=file.read_text(encoding="utf-8"), path=str(file))
    if name == "-":
        return Rule(text=sys.stdin.read())
    if Path(name or "").suffix in {".yml", ".yaml"}:
        raise typer.BadParameter(f"a file is given by --file {name}", param_hint="NAME")
    return Rule(segment=name)


def _print_preview(answer: "Preview", *, with_sql: bool) -> None:
    from maho_segments.cli.output import count, counted, data_console, print_people, print_sql, say, share
    from maho_segments.services.instants import format_instant

    if with_sql:
        print_sql(answer.sql)
    if answer.sample:
        print_people(answer.sample, website="website")
    console = data_console()
    console.print(
        f"{counted(answer.members, 'member')} as of {format_instant(answer.as_of)}, "
        f"{share(answer.members, answer.audience)} of {count(answer.audience)} in the audience"
    )
    for note in answer.notes:
        say(note)
    say("Nothing was written.")
