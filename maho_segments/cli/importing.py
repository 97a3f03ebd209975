"""`segments import-maho`: the shop's own segments, written in the language."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.failures import NOT_ALL
from maho_segments.cli.options import JsonOption, workspace

if TYPE_CHECKING:
    from maho_segments.services.importing import ImportedFiles


def import_maho(
    tree: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Import one tree of conditions, given as JSON; - for standard input."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the segments to this file.")
    ] = None,
    attributes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the attributes that they need to this file."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that exist.")] = False,
    case_sensitive: Annotated[
        bool,
        typer.Option(
            "--case-sensitive",
            help="The shop runs on PostgreSQL or SQLite, not on MySQL: case matters there.",
        ),
    ] = False,
    approximate: Annotated[
        bool,
        typer.Option(
            "--approximate", help="Where the same can't be written, write what is near, and say so."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the shop's own segments in the language.

    Reads the table customer_segment of the shop in the warehouse. Comments say where a condition means
    something else than it seems to; what can't be written with the same meaning is listed with the reasons,
    and the exit code is 3 then. What segments.yml has already, with the same members, is not written again.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.importing import ImportOptions
    from maho_segments.services import importing as service

    for path in (output, attributes):
        if path and path.exists() and not force:
            raise typer.BadParameter(f"{path} exists; name another file, or add --force", param_hint="FILE")
    options = ImportOptions(is_case_sensitive=case_sensitive, approximate=approximate)
    if tree is not None:
        text = sys.stdin.read() if str(tree) == "-" else tree.read_text(encoding="utf-8-sig")
        files = service.import_tree(workspace(), text, options=options)
    else:
        files = service.import_shop(workspace(), options=options, attributes_apart=attributes is not None)
    if attributes and files.made.attributes:
        attributes.write_text(files.attributes, encoding="utf-8")
    if output:
        output.write_text(files.segments, encoding="utf-8")
    if as_json:
        print_json(files.as_dict())
    elif not output:
        sys.stdout.write(files.segments)
    if not as_json:
        _tell(files, output, attributes, is_tree=tree is not None)
    if files.made.refused:
        raise typer.Exit(NOT_ALL)


def _tell(files: "ImportedFiles", output: Path | None, attributes: Path | None, *, is_tree: bool) -> None:
    from maho_segments.cli.output import say

    made = files.made
    if not is_tree:
        total = len(made.imported) + len(made.known) + len(made.refused)
        say(f"Imported {len(made.imported)} of {total} segments{f' into {output}' if output else ''}.")
        if made.known:
            say(f"In segments.yml already: {', '.join(known.name for known in made.known)}.")
        for refused in made.refused:
            say(
                f"Not imported: {refused.segment_id}, {refused.label}: {'; '.join(map(str, refused.reasons))}"
            )
    if made.attributes and attributes:
        say(f"Copy {attributes} into attributes.yml: the segments need {', '.join(made.attributes)}.")
    elif made.attributes:
        say(f"attributes.yml needs {', '.join(made.attributes)}:")
        if is_tree:
            say(files.attributes.rstrip())
        else:
            say("They stand as comments at the top; --attributes FILE writes them to a file.")
