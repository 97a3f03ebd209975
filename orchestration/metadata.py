"""What Dagster is told of a segment: the same, whoever refreshed it. Pure: from what the ledger says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import dagster as dg

from maho_segments.services.segment_states import PAST_DAYS, SegmentState
from orchestration.assets.segments import segment_key

GUARD_CHECK = "guard"
SIZE_CHECK = "usual_size"
GUARD_DESCRIPTION = "Fails while a guard holds the segment back or its rule fails: its members are old."
SIZE_DESCRIPTION = (
    "Warns where the segment has fewer or more members than it used to have: further from the median of the "
    f"last {PAST_DAYS} days than five times their median distance from it, a tenth of it, and 10 members."
)
# Fewer days say nothing of what is usual.
_DAYS_NEEDED = 5
# What the ledger says of a segment that is held because of another one.
_HELD_WITH = re.compile(r"it refers to (\w+), which is held")
# The reasons of segment_membership_changes, for people.
_BECAUSE_OF = {
    "data": "the shop's rows",
    "clock": "time alone",
    "definition": "the segment's definition",
    "merged": "a profile that merged",
    "repair": "the repair of an audit",
}


@dataclass(frozen=True)
class SizeVerdict:
    """Whether a size is usual, and which sizes are; nothing is unusual as long as too few days are known."""

    is_usual: bool
    least: int | None = None
    most: int | None = None


def judge_size(members: int, past: Sequence[int]) -> SizeVerdict:
    """A size by those of earlier days, as SIZE_DESCRIPTION says."""
    if len(past) < _DAYS_NEEDED:
        return SizeVerdict(True)
    middle = median(past)
    distance = max(5 * median(abs(size - middle) for size in past), middle / 10, 10)
    least, most = max(0, int(middle - distance)), int(middle + distance)
    return SizeVerdict(least <= members <= most, least, most)


def segment_metadata(state: SegmentState) -> dict[str, Any]:
    """The figures of a segment, first what one looks for; Dagster plots the numbers among them over time."""
    run = state.run
    metadata: dict[str, Any] = {"status": state.status}
    if state.reason:
        metadata["reason"] = state.reason
    metadata["members"] = state.members
    if state.status == "published":
        metadata |= {"entered": state.entered, "left": state.left}
    if state.audience:
        metadata["share_of_audience_percent"] = round(100 * state.members / state.audience, 2)
        metadata["audience_size"] = state.audience
    if state.latest_entries or state.latest_exits:
        metadata["latest_moves"] = dg.MetadataValue.md(_moves_table(state))
    if state.as_of:
        metadata["as_of"] = dg.MetadataValue.timestamp(state.as_of)
    if run is not None:
        if run.why:
            metadata["why"] = run.why
        metadata["initiated_by"] = run.initiated_by or "dbt by itself"
        # As text, for it counts refreshes: a plot of it says nothing.
        metadata["run_number"] = str(run.run_id)
        metadata["mode"] = run.mode or "unknown"
        if run.seconds is not None:
            metadata["seconds"] = round(run.seconds, 2)
    # What Dagster shows above all else, and in its catalog.
    metadata["dagster/row_count"] = state.members
    return metadata


def segment_event(state: SegmentState) -> dg.AssetMaterialization | dg.AssetObservation:
    """The segment as refreshed; only observed where it is held or failed, for then its members are old."""
    if state.status == "published":
        return dg.AssetMaterialization(segment_key(state.name), metadata=segment_metadata(state))
    return dg.AssetObservation(segment_key(state.name), metadata=segment_metadata(state))


def memberships_event(key: dg.AssetKey, states: Sequence[SegmentState]) -> dg.AssetMaterialization:
    """The memberships as published, with all their segments.

    To be told before these: Dagster calls them out of date where what they are made of was never told of.
    """
    return dg.AssetMaterialization(
        key, metadata={"dagster/row_count": sum(state.members for state in states)}
    )


def segment_checks(state: SegmentState) -> list[dg.AssetCheckEvaluation]:
    """How the segment's own checks stand."""
    return [_guard(state), _size(state)]


def segment_check_specs(name: str) -> list[dg.AssetCheckSpec]:
    """The segment's own checks."""
    return [
        dg.AssetCheckSpec(GUARD_CHECK, asset=segment_key(name), description=GUARD_DESCRIPTION),
        dg.AssetCheckSpec(SIZE_CHECK, asset=segment_key(name), description=SIZE_DESCRIPTION),
    ]


def _guard(state: SegmentState) -> dg.AssetCheckEvaluation:
    metadata: dict[str, Any] = {}
    if state.status == "held" and (above := _HELD_WITH.fullmatch(state.reason or "")):
        metadata["what_to_do"] = (
            f"See the guard of {above[1]}: once that one is released or mended, this one is published, too."
        )
    elif state.status == "held":
        metadata["what_to_do"] = (
            f"If that is right, release it: run release_job with the segment {state.name}, or "
            f"`segments release {state.name}`. If not, mend the shop's data or the rule, and refresh it."
        )
    elif state.status == "failed":
        metadata["what_to_do"] = (
            "Mend the rule in segments.yml or the shop's data, and refresh it; until then it keeps the "
            "members it had."
        )
    metadata |= {"status": state.status, "members": state.members}
    return dg.AssetCheckEvaluation(
        asset_key=segment_key(state.name),
        check_name=GUARD_CHECK,
        passed=state.status == "published",
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"It is {state.status}: {state.reason}" if state.reason else None,
        metadata=metadata,
    )


def _size(state: SegmentState) -> dg.AssetCheckEvaluation:
    verdict = judge_size(state.members, state.past_sizes)
    days = len(state.past_sizes)
    metadata: dict[str, Any] = {}
    if not verdict.is_usual:
        metadata["what_to_do"] = (
            f"See who entered and left lately (`segments members {state.name}`), and whether the shop's "
            "data or the rule changed. A `guard` in segments.yml would hold such a change back."
        )
    metadata["members"] = state.members
    if verdict.least is not None and verdict.most is not None:
        metadata |= {"usual_from": verdict.least, "usual_to": verdict.most}
    metadata["days_known"] = days
    return dg.AssetCheckEvaluation(
        asset_key=segment_key(state.name),
        check_name=SIZE_CHECK,
        passed=verdict.is_usual,
        severity=dg.AssetCheckSeverity.WARN,
        description=_size_in_words(state.members, verdict, days),
        metadata=metadata,
    )


def _size_in_words(members: int, verdict: SizeVerdict, days: int) -> str:
    if verdict.least is None or verdict.most is None:
        return f"What is usual is known after {_DAYS_NEEDED} days, of which there are {days}."
    usual = f"from {verdict.least:,} to {verdict.most:,} members are usual"
    return f"It has {members:,} members; by the last {days} days {usual}."


def _moves_table(state: SegmentState) -> str:
    rows = [
        f"| {word} | {move.profile_id} | {move.changed_at:%Y-%m-%d %H:%M} | "
        f"{_BECAUSE_OF.get(move.reason, move.reason)} |"
        for word, moves in (("entered", state.latest_entries), ("left", state.latest_exits))
        for move in moves
    ]
    return "\n".join(["| | profile | as of (UTC) | because of |", "| --- | ---: | --- | --- |", *rows])
