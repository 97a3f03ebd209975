"""What a build did, for people and programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from maho_segments.errors import BuildError
from maho_segments.services.instants import format_instant
from maho_segments.services.progress import NodeEvent
from maho_segments.services.publications import PublicTables, audience_size


@dataclass(frozen=True)
class SegmentCounts:
    """A segment after a build; `audience` is how many profiles could have been in it, where that was counted.

    `reason` says why it is held or failed; its members are then those of an earlier build.
    """

    name: str
    label: str
    status: str
    members: int
    audience: int | None
    entered: int
    left: int
    as_of: datetime | None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The segment for programs."""
        return asdict(self) | {"as_of": format_instant(self.as_of) if self.as_of else None}


@dataclass(frozen=True)
class BuildReport:
    """What a build did: the segments as published, and the models and tests that dbt ran.

    A build that had nothing to refresh has no run, and its `why` says so. `looked_at` has the profiles that
    an incremental one looked at by reason.
    """

    as_of: datetime
    run_id: int | None
    mode: str | None
    why: str
    profiles: int
    looked_at: Mapping[str, int]
    erased: int
    seconds: float
    segments: tuple[SegmentCounts, ...]
    nodes: tuple[NodeEvent, ...]
    left_out: tuple[str, ...] = ()
    """Manual segments that nobody asked for."""

    @property
    def unpublished(self) -> tuple[SegmentCounts, ...]:
        """The segments that are held or failed."""
        return tuple(segment for segment in self.segments if segment.status in ("held", "failed"))

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "as_of": format_instant(self.as_of),
            "run_id": self.run_id,
            "mode": self.mode,
            "why": self.why,
            "profiles_evaluated": self.profiles,
            "looked_at": dict(self.looked_at),
            "profiles_erased": self.erased,
            "seconds": round(self.seconds, 2),
            "segments": [segment.as_dict() for segment in self.segments],
            "models": [
                {
                    "name": node.name,
                    "status": node.status,
                    "rows": node.rows,
                    "seconds": round(node.seconds, 3),
                }
                for node in self.nodes
                if node.kind == "model"
            ],
            "left_out": list(self.left_out),
            "tests": sum(node.kind == "test" for node in self.nodes),
        }


def nothing_to_refresh(as_of: datetime, why: str, seconds: float) -> BuildReport:
    """The report of a build that had no segment to refresh."""
    return BuildReport(as_of, None, None, why, 0, {}, 0, seconds, (), ())


def report_build(
    tables: PublicTables,
    segments: Iterable[Mapping[str, Any]],
    nodes: Sequence[NodeEvent],
    *,
    as_of: datetime,
    seconds: float,
) -> BuildReport:
    """The report of the run that was published last, about these segments of the plan.

    Raises BuildError where no run is in the ledger.
    """
    published = {publication.name: publication for publication in tables.publications()}
    run = tables.last_run()
    if run is None:
        raise BuildError("The build ended without publishing a run.", "See logs/dbt.log for what dbt did.")
    # To count the audiences takes as long as reading all profiles, which is what an incremental run saves.
    population = tables.population(as_of) if run.mode == "full" else None
    counts = tuple(
        SegmentCounts(
            name=segment["name"],
            label=segment["label"],
            status=publication.status,
            members=publication.members,
            audience=None if population is None else audience_size(segment, population),
            # Those of another one are of the run that published it.
            entered=publication.entered if publication.status == "published" else 0,
            left=publication.left if publication.status == "published" else 0,
            as_of=publication.as_of,
            reason=publication.reason,
        )
        for segment in segments
        for publication in [published[segment["name"]]]
    )
    return BuildReport(
        as_of=as_of,
        run_id=run.run_id,
        mode=run.mode,
        why=run.why or "",
        profiles=run.profiles_evaluated or 0,
        looked_at=run.looked_at or {},
        erased=run.erased_count or 0,
        seconds=seconds,
        segments=counts,
        nodes=tuple(nodes),
    )
