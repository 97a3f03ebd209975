"""What has become of each segment: published, held by its guard or failed, with the members that it has."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.properties.warehouse import ProfileKey
from tests.refresh.laws import MismatchError
from tests.refresh.refreshing import FAILING, RefreshWarehouse

Wanted = Mapping[str, frozenset[ProfileKey]]

_STANDING = """
    select
        segment_name,
        coalesce(status, 'never_built') as status,
        accepted_at is not null as is_accepted,
        array(
            select profile_id from segments.segment_memberships as memberships
            where memberships.segment_id = definitions.segment_id
        ) as members
    from segments_work.segment_definitions as definitions
    left join segments_work.segment_publications as publications using (segment_id)
"""
_ERASED = "select profile_id from segments_work.profile_identities where erased_at is not null"
_RUNS = "select count(*) from segments.segment_runs where status = 'published'"


@dataclass(frozen=True)
class Standing:
    """What is published, by the names of the segments: of whom also by what the shop calls them."""

    runs: int = 0
    status: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[str] = frozenset()
    members: Mapping[str, frozenset[int]] = field(default_factory=dict)
    people: Mapping[str, frozenset[ProfileKey]] = field(default_factory=dict)


def read_standing(warehouse: RefreshWarehouse) -> Standing:
    """What is published now."""
    rows = warehouse.database.rows(_STANDING)
    return Standing(
        runs=warehouse.database.rows(_RUNS)[0][0],
        status={name: status for name, status, *_ in rows},
        accepted=frozenset(name for name, _, is_accepted, _ in rows if is_accepted),
        members={name: frozenset(members) for name, *_, members in rows},
        people=warehouse.published(),
    )


def verdicts(
    before: Standing, segments: Iterable[Mapping[str, Any]], wanted: Wanted, *, is_alarmed: bool = False
) -> dict[str, str]:
    """What has to become of the segments (of a plan) that a run evaluates, as `wanted` are their members.

    Where it is alarmed, all are held but those that somebody released.
    """
    found: dict[str, str] = {}
    everybody = {key[0] for members in wanted.values() for key in members}
    for segment in sorted(segments, key=lambda segment: segment["level"]):
        name = segment["name"]
        of_references = {found.get(other) for other in segment["references"]}
        if "failed" in of_references or fails_for(segment) & everybody:
            found[name] = "failed"
        elif "held" in of_references or (
            name not in before.accepted
            and (
                is_alarmed
                or _is_suspicious(segment["guard"], before.people.get(name, frozenset()), wanted[name])
            )
        ):
            found[name] = "held"
        else:
            found[name] = "published"
    return found


def fails_for(segment: Mapping[str, Any]) -> set[str]:
    """The kinds of profiles that a segment (of a plan) can't be asked of."""
    text = json.dumps(segment["match"])
    return {kind for kind in ("customer", "guest", "visitor") if FAILING in text and f'"{kind}"' in text}


def check_standing(warehouse: RefreshWarehouse, before: Standing, expected: Mapping[str, str]) -> None:
    """Raises MismatchError where a segment is not held, failed or published as expected.

    Those that are not published keep their members, less who is erased.
    """
    now = read_standing(warehouse)
    status = {name: now.status.get(name) for name in expected}
    if status != expected:
        wrong = {name: (found, expected[name]) for name, found in status.items() if found != expected[name]}
        raise MismatchError(
            "who is suspicious is held, who fails is left out", f"{wrong}, found and expected"
        )
    erased = frozenset(number for (number,) in warehouse.database.rows(_ERASED))
    for segment in warehouse.plan["segments"]:
        name = segment["name"]
        if not segment["is_active"] or expected.get(name) == "published":
            continue
        kept, found = before.members.get(name, frozenset()) - erased, now.members.get(name, frozenset())
        if found != kept:
            details = f"{name} is {now.status.get(name)}, had {sorted(kept)} and has {sorted(found)}"
            raise MismatchError("what is not published keeps its members", details)


def _is_suspicious(
    guard: Mapping[str, Any], before: frozenset[ProfileKey], wanted: frozenset[ProfileKey]
) -> bool:
    percent, least, most = guard["max_change_percent"], guard["min_members"], guard["max_members"]
    return bool(
        (percent is not None and before and len(before ^ wanted) * 100 > percent * len(before))
        or (least is not None and len(wanted) < least)
        or (most is not None and len(wanted) > most)
    )
