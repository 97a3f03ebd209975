"""Compiling a checked project to the plan: the one thing that the macros read.

docs/architecture.md shows its form. A plan holds what segments mean and nothing about how to ask a database.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal

from maho_segments.errors import SegmentsError
from maho_segments.language.check import check_rule
from maho_segments.language.limits import refuse_too_large
from maho_segments.language.plan_clocks import clocks_of
from maho_segments.language.plan_features import Features, extensions_plan
from maho_segments.language.plan_json import Json, content_hash, every_of, profile_columns_of
from maho_segments.language.plan_rules import RuleCompiler
from maho_segments.language.problems import correction, quoted
from maho_segments.language.project import SEGMENTS_FILE, Project
from maho_segments.language.rules import EVERYONE, Constant, ProfileColumn, Rule, Segment, Test
from maho_segments.language.vocabulary import SETTING_COLUMNS

PLAN_VERSION = 1


def compile_plan(project: Project, *, without: Collection[str] = ()) -> Json:
    """The plan of all segments, with its clocks; those that are not active have no `match` and need nothing.

    Those named in `without` are taken as not active. Raises DefinitionsError where they need more than a
    database can hold.
    """
    segments = {
        name: replace(segment, is_active=False) if name in without else segment
        for name, segment in project.segments.items()
    }
    return _compile(project, segments, Features(project.vocabulary), with_clocks=True)


def compile_preview(
    project: Project, *, segment: str | None = None, rule_text: str | None = None, path: str = "<stdin>"
) -> Json:
    """The plan of one segment, active or not, and of those it refers to; it is the last one in `segments`.

    `rule_text` is YAML: a rule, or a segment's mapping with its `match`. Raises SegmentsError for a name that
    does not exist, DefinitionsError for a rule that does not validate.
    """
    if rule_text is not None:
        name = next(
            name
            for name in ("preview", *map("preview_{}".format, range(10_000)))
            if name not in project.segments
        )
        target = check_rule(project, name, rule_text, path)
    elif segment in project.segments:
        target = project.segments[segment]
    else:
        hint = correction(segment or "", project.segments)
        raise SegmentsError(
            f"The segment {quoted(segment or '')} does not exist.",
            f"{hint} `segments list` shows them all.".lstrip(),
        )
    return _compile_chosen(project, {**project.segments, target.name: target}, [target.name])


def compile_selection(project: Project, names: Iterable[str]) -> Json:
    """The plan of these segments, active or not, and of those they refer to."""
    return _compile_chosen(project, project.segments, names)


def compile_with_features(project: Project, names: Iterable[str]) -> tuple[Json, Features]:
    """The same, and its features, to which more can be added before the plan's `relations` are made anew."""
    features = Features(project.vocabulary)
    return _compile_chosen(project, project.segments, names, features), features


def _compile_chosen(
    project: Project, known: dict[str, Segment], names: Iterable[str], features: Features | None = None
) -> Json:
    chosen = {name: known[name] for name in _in_order_of_use(known, names)}
    return _compile(project, chosen, features or Features(project.vocabulary), all_active=True)


def _compile(
    project: Project,
    segments: dict[str, Segment],
    features: Features,
    *,
    all_active: bool = False,
    with_clocks: bool = False,
) -> Json:
    levels: dict[str, int] = {}
    hashes: dict[str, str] = {}
    compiled: dict[str, Json] = {}
    for name in _in_order_of_use(segments, segments):
        segment = segments[name]
        is_active = segment.is_active or all_active
        # One that is not active needs nothing, and yet has a hash: switching it on changes nothing else.
        own = features if is_active else Features(project.vocabulary)
        own.hashes = {}
        match = _match(project, segment, own)
        used = {reference: hashes[reference] for reference in segment.references}
        hashes[name] = content_hash({"match": match, "features": own.hashes, "references": used})
        levels[name] = 1 + max((levels[reference] for reference in segment.references), default=-1)
        compiled[name] = {
            **_settings(segment),
            "is_active": is_active,
            "definition_hash": hashes[name],
            "level": levels[name],
            "match": match if is_active else None,
        }
    profile = project.vocabulary.profile
    matches = [segment["match"] for segment in compiled.values()]
    profile_columns = profile_columns_of(matches)
    plan: Json = {
        "version": PLAN_VERSION,
        "identity": {"guest_orders": project.guest_orders},
        "profile": {"model": profile.model, "extensions": extensions_plan(profile, profile_columns)},
        "relations": features.relations(with_clocks=with_clocks),
        "clocks": clocks_of(matches) if with_clocks else [],
        "segments": [compiled[name] for name in segments],
    }
    refuse_too_large(plan, SEGMENTS_FILE)
    return plan


def _match(project: Project, segment: Segment, features: Features) -> Json:
    """The segment's rule, with its audience, websites and groups as tests before it."""
    compiler = RuleCompiler(project.attributes, features, segment.time_zone)
    return every_of([compiler.rule(rule) for rule in [*admission(project, segment), segment.match]])


def admission(project: Project, segment: Segment) -> list[Rule]:
    """The segment's audience, websites and groups as tests of a profile."""
    rules: list[Rule] = []
    if segment.audience != EVERYONE:
        rules.append(_one_of(project, "audience", segment.audience))
    if segment.websites:
        rules.append(_one_of(project, "websites", segment.websites))
    if segment.customer_groups:
        rules.append(_one_of(project, "customer_groups", segment.customer_groups))
    return rules


def _one_of(project: Project, setting: str, values: Iterable[str]) -> Rule:
    column = project.vocabulary.profile.columns[SETTING_COLUMNS[setting]]
    operands = tuple(Constant(value, "text") for value in values)
    subject = ProfileColumn(column.name, column.type, column.also)
    return Test(subject, "in", operands, is_spelled_alike=bool(column.options) and not column.also)


def _settings(segment: Segment) -> Json:
    percent = segment.guard.max_change_percent
    return {
        "name": segment.name,
        "label": segment.label,
        "description": segment.description,
        "owner": segment.owner,
        "tags": list(segment.tags),
        "audience": list(segment.audience),
        "websites": list(segment.websites) if segment.websites else None,
        "customer_groups": list(segment.customer_groups) if segment.customer_groups else None,
        "priority": segment.priority,
        "time_zone": segment.time_zone,
        "refresh": {
            "on_change": segment.refresh.on_change,
            "schedule": segment.refresh.schedule,
            "manual": segment.refresh.manual,
        },
        "guard": {
            "max_change_percent": _plain_number(percent),
            "min_members": segment.guard.min_members,
            "max_members": segment.guard.max_members,
        },
        "renamed_from": list(segment.renamed_from),
        "definition": dict(segment.definition),
        "references": list(segment.references),
    }


def _plain_number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _in_order_of_use(segments: dict[str, Segment], names: Iterable[str]) -> list[str]:
    """The segments and those they refer to, each after all that it refers to."""
    order: dict[str, None] = {}
    waiting = list(reversed(list(names)))
    while waiting:
        name = waiting[-1]
        missing = [reference for reference in segments[name].references if reference not in order]
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    return list(order)
