"""The entry point `segments`: its commands, their names and their examples."""

import gc
from importlib.metadata import version
from typing import Annotated

import typer

from maho_segments.cli import (
    attributes,
    audit,
    build,
    capture,
    definitions,
    demo,
    doctor,
    importing,
    load,
    preview,
    profile,
    refreshes,
    segment_tests,
    segments,
    status,
    up,
    warehouse,
    watch,
)
from maho_segments.cli.failures import SegmentsGroup
from maho_segments.cli.options import examples

app = typer.Typer(
    name="segments",
    cls=SegmentsGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=examples(
        "segments demo                     a shop, its segments, and what to do next",
        "segments validate                 is segments.yml right?",
        "segments build                    who is in which segment now?",
        "segments show vip_platinum        one segment in words, numbers and SQL",
        "segments COMMAND --help           more, with examples",
    )
    + "\n\nExit codes: 0 done, 1 failed, 2 definitions invalid, 3 built but not all published, "
    "64 wrong usage, 130 interrupted.",
)

# Importing dbt makes many objects that stay: looking for garbage among them takes a sixth of its time.
gc.set_threshold(500_000, 20, 100)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"segments {version('maho_segments')}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[  # read where errors are told: failures.py
        bool, typer.Option("--debug", help="Show where an error came from.")
    ] = False,
    show_version: Annotated[  # its callback does it
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Customer segments of a Maho shop: segments.yml says what, this brings it into the warehouse.

    Answers go to standard output, progress and errors to standard error. Where a command has --json, errors
    are JSON as well.
    """


app.command(
    "demo",
    epilog=examples(
        "segments demo",
        "segments demo --customers 200000 --seed 7",
        "segments demo --customers 5000 --csv shop/",
    ),
)(demo.demo)
app.command("load", epilog=examples("segments load export/", "segments load export/ && segments build"))(
    load.load
)
app.command(
    "validate",
    epilog=examples(
        "segments validate",
        "segments validate --check          in continuous integration",
        "segments validate --json | jq .problems",
    ),
)(definitions.validate)
app.command("schema", epilog=examples("segments schema", "segments schema --check"))(definitions.schema)
app.command(
    "build",
    epilog=examples(
        "segments build",
        "segments build --due --on-change    every few minutes, by cron",
        "segments build --select vip_platinum",
        "segments build --as-of 2026-03-31T22:00:00Z",
        "segments build --json | jq '.segments[] | {name, members}'",
    ),
)(build.build)
app.command(
    "watch",
    epilog=examples("segments watch", "segments watch --json", "segments watch --clock-interval 300"),
)(watch.watch)
app.command(
    "release",
    epilog=examples("segments release vip_platinum", "segments release --all"),
)(refreshes.release)
app.command(
    "audit",
    epilog=examples("segments audit", "segments audit --all --repair", "segments audit --json | jq .drift"),
)(audit.audit)
app.command("runs", epilog=examples("segments runs", "segments runs --limit 100 --json"))(refreshes.runs)
app.command("list", epilog=examples("segments list", "segments list --json | jq -r '.[].name'"))(
    segments.list_
)
app.command("show", epilog=examples("segments show vip_platinum", "segments show vip_platinum --no-sql"))(
    segments.show
)
app.command(
    "members",
    epilog=examples(
        "segments members vip_platinum",
        "segments members vip_platinum --csv > vip.csv",
        "segments members vip_platinum --limit 5 --json",
    ),
)(segments.members)
app.command(
    "profile",
    epilog=examples(
        "segments profile ada@shop.example",
        "segments profile 4711 --until 12w",
        "segments profile 4711 --json | jq .changes",
    ),
)(profile.profile)
app.command(
    "preview",
    epilog=examples(
        "segments preview vip_platinum",
        "segments preview --file rule.yml --limit 3",
        "echo 'lifetime_sales: { gt: 1000 }' | segments preview -",
    ),
)(preview.preview)
app.command(
    "test",
    epilog=examples(
        "segments test",
        "segments test vip_platinum vip_gold",
        "segments test --json | jq .failures",
    ),
)(segment_tests.run)
app.command(
    "import-maho",
    epilog=examples(
        "segments import-maho > maho.yml",
        "segments import-maho --output maho.yml --attributes maho_attributes.yml",
        "segments import-maho --tree conditions.json | segments preview -",
        "segments import-maho --json | jq .not_imported",
    ),
)(importing.import_maho)
app.command("status", epilog=examples("segments status", "segments status --json | jq .news"))(status.status)
app.command(
    "up",
    epilog=examples("segments up", "segments up --port 3001 --no-watch", "segments up --logs"),
)(up.up)
app.command("doctor", epilog=examples("segments doctor", "segments doctor --json"))(doctor.doctor)
app.add_typer(attributes.app, name="attributes", short_help="Bring in the shop's own attributes.")
app.add_typer(capture.app, name="capture", short_help="Know what changed in the shop's tables.")
app.add_typer(warehouse.app, name="warehouse", short_help="Start, stop and use PostgreSQL.")
