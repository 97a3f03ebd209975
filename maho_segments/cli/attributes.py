"""`segments attributes`: the shop's own attributes as words of the language."""

from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import JsonOption, examples, workspace

if TYPE_CHECKING:
    from maho_segments.services.shop_attributes import Change, SyncReport

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="The merchant's own attributes of customers, addresses, products and categories.",
    epilog=examples("segments attributes sync", "segments attributes sync --check"),
)


@app.callback()
def root() -> None:
    """Keep the group a group though it has one command."""


@app.command(
    epilog=examples(
        "segments attributes sync",
        "segments attributes sync --check              in a nightly job",
        "segments attributes sync --include catalog_product.weight",
    )
)
def sync(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 when the shop has changed.")
    ] = False,
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include",
            metavar="ENTITY.CODE",
            help="Also bring in an attribute that every shop has; it stays in from then on.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the shop's own attributes into the vocabulary.

    Reads them from the shop's tables and writes their names, types and options to a properties file, to be
    reviewed and committed. Says what is new, changed or gone, and which segments that touches. What is gone
    and still used stays, without values, so that nothing breaks unseen.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.services import shop_attributes

    report = shop_attributes.sync(workspace(), include=include or (), check=check)
    if as_json:
        print_json(report.as_dict())
    else:
        _tell(report, check=check)
    if report.problems and any(problem.severity == "error" for problem in report.problems):
        raise typer.Exit(2)
    if check and report.differs:
        raise typer.Exit(1)


_HEADINGS = {
    "new": "New in the shop",
    "changed": "Changed in the shop",
    "gone": "Gone from the shop, and from the vocabulary",
    "missing": "Gone from the shop, and kept without values, as it is used",
}


def _tell(report: "SyncReport", *, check: bool) -> None:
    from maho_segments.cli.output import print_problems, say
    from maho_segments.services.shop_attributes import ATTRIBUTES_PROPERTIES

    for state, heading in _HEADINGS.items():
        if changes := report.of_state(state):
            print(heading)
            for change in changes:
                _tell_change(change)
    if report.left_out:
        print("Left out")
        for key, reason in report.left_out:
            print(f"  {key}: {reason}")
    kept = len(report.of_state("kept"))
    say(f"{kept} column{'s' * (kept != 1)} as before." if kept else "No column as before.")
    if not report.uses_are_known:
        say("The definitions did not validate, so nobody knows who uses what: nothing was let go.")
    if not report.differs:
        say(f"{ATTRIBUTES_PROPERTIES} is up to date.")
    elif check:
        say(f"{ATTRIBUTES_PROPERTIES} is out of date. Run `segments attributes sync`.")
    else:
        say(f"{ATTRIBUTES_PROPERTIES} is written. Review and commit it.")
        if report.problems:
            print_problems(report.problems)
            say("Correct the definitions and run `segments validate`.")
        else:
            say("Next: segments build")


def _tell_change(change: "Change") -> None:
    store = f", store view {change.column.store}" if change.column.store else ""
    what = "; ".join(change.what)
    print(
        f"  {change.word}{': ' + what if what else ''}  ({change.column.entity}.{change.column.code}{store})"
    )
    if change.users:
        print(f"    used by {', '.join(map(str, change.users))}")
