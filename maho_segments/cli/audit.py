"""`segments audit`: are the memberships what a full build would find?"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from maho_segments.cli.options import JsonOption, workspace

if TYPE_CHECKING:
    from maho_segments.services.audit import AuditReport

_SHOWN = 20
_DRIFTED = 1


def audit(
    sample: Annotated[int, typer.Option(min=1, help="How many profiles: the ones behind the last.")] = 1000,
    all_: Annotated[bool, typer.Option("--all", help="All profiles.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Have a build put right what differs.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compare what is published with what a full build would find.

    Works out a sample of the profiles from the shop's rows, as of the instants that their segments were
    published for. Profiles of whom there is news that no build has looked at yet are skipped. What differs is
    a defect: the exit code is 1 then, also when it is repaired.
    """
    from maho_segments.cli.output import print_json
    from maho_segments.cli.progress import ProgressDisplay
    from maho_segments.services import audit as service

    with ProgressDisplay() as progress:
        report = service.audit(
            workspace(),
            size=None if all_ else sample,
            repair=repair,
            now=datetime.now(UTC).replace(microsecond=0),
            progress=progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        _print_report(report)
    if report.drift:
        raise typer.Exit(_DRIFTED)


def _print_report(report: "AuditReport") -> None:
    from maho_segments.cli.output import count, counted, print_table, say
    from maho_segments.services.instants import format_instant

    if report.drift:
        print_table(
            [("Profile", "right"), ("Segment", "left"), ("Membership", "left")],
            [(str(one.profile_id), one.segment, one.found) for one in report.drift[:_SHOWN]],
        )
    if len(report.drift) > _SHOWN:
        say(f"The first {count(_SHOWN)}; `--json` prints all.")
    say(
        f"{counted(report.checked, 'profile')} in {counted(report.segments, 'segment')} as of "
        f"{format_instant(report.as_of)}: {count(len(report.drift))} of {count(report.memberships)} "
        f"memberships differ; {counted(report.skipped, 'profile')} skipped for their news, "
        f"in {report.seconds:.1f} s."
    )
    if report.drift:
        say(
            "A build has put them right."
            if report.repaired
            else "`segments audit --all --repair` puts them right."
        )
