"""`segments validate` and `segments schema`: the definitions, without a database."""

from typing import Annotated

import typer

from maho_segments.cli.options import JsonOption, workspace


def validate(
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit code 1 when the committed plan is out of date."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Take advice for errors: exit code 2, and nothing is written.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check segments.yml and attributes.yml.

    Prints every problem with its place and its cure, and needs no database. Exit code 2 when there are any.
    Warns of what is valid and yet probably not meant; `silence: [CODE]` in a segment says that it is.
    Valid definitions are written as the plan that dbt reads, a generated file to be committed with them.
    """
    from maho_segments.cli.output import print_json, print_problems, say
    from maho_segments.errors import DefinitionsError
    from maho_segments.language import PLAN_PATH
    from maho_segments.services import definitions

    try:
        validation = definitions.validate(workspace(), check=check, strict=strict)
    except DefinitionsError as error:
        if not as_json:
            raise
        # Here the problems are the answer, not an accident on the way to it.
        print_json({"valid": False, "problems": [problem.as_dict() for problem in error.problems]})
        raise typer.Exit(error.exit_code) from None
    if as_json:
        print_json(validation.as_dict())
    else:
        print_problems(validation.warnings)
        count = len(validation.warnings)
        off = validation.segments - validation.active
        say(
            f"Valid: {validation.segments} segments{f' ({off} of them off)' if off else ''} "
            f"and {validation.attributes} attributes."
            + (f" {count} {'warning' if count == 1 else 'warnings'} above." if count else "")
        )
    if check and validation.plan_changed:
        say(f"{PLAN_PATH} is out of date. Run `segments validate` and commit it.")
        raise typer.Exit(1)


def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 when the file is out of date.")
    ] = False,
) -> None:
    """Write the JSON Schemas for editors.

    With segments.schema.json and segment_tests.schema.json they complete and check segments.yml and
    segment_tests.yml as you type.
    """
    from maho_segments.cli.output import say
    from maho_segments.services import definitions

    written = definitions.write_schemas(workspace(), check=check)
    for path, changed in written.items():
        if check and changed:
            say(f"{path.name} is out of date. Run `segments schema` and commit it.")
        else:
            say(f"{path.name} is {'written' if changed else 'up to date'}.")
    if check and any(written.values()):
        raise typer.Exit(1)
