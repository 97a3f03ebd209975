"""From the shop's segments to the text of a segments file, with what was not imported and why."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from maho_segments.importing.context import Context, NewAttributes
from maho_segments.importing.facts import ShopFacts
from maho_segments.importing.options import ImportOptions
from maho_segments.importing.refusals import Refusal
from maho_segments.importing.translation import NotImportable, Reason, translate
from maho_segments.importing.tree import read_tree
from maho_segments.importing.yaml_text import Remarked
from maho_segments.language import Vocabulary

_LONGEST_NAME = 63
_UTC_DAYS = (
    "Days are those of UTC, as in the module. Without this line they are those of each customer's website."
)
_NOT_THE_DEFAULT = "All there are: without this line the default of segments.yml would limit it."
_HIGHEST_PRIORITY = 1_000_000


@dataclass(frozen=True)
class StoredSegment:
    """A row of the shop's table customer_segment."""

    segment_id: int
    name: str
    conditions: str | None
    description: str = ""
    is_active: bool = True
    website_ids: str = ""
    customer_group_ids: str = ""
    priority: int = 0
    is_manual: bool = False


@dataclass(frozen=True)
class ImportedSegment:
    """A segment as it stands in the file; `remarks` are the comments in it."""

    segment_id: int
    name: str
    label: str
    definition: Mapping[str, Any]
    approximations: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is odd about it, in the order of the file."""
        return tuple(dict.fromkeys((*self.approximations, *_remarks(self.definition))))


@dataclass(frozen=True)
class RefusedSegment:
    """A segment that was not imported, and all the reasons."""

    segment_id: int
    label: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class KnownSegment:
    """A segment that the project has already, under `name`, with the same members."""

    segment_id: int
    label: str
    name: str


@dataclass(frozen=True)
class Import:
    """All that came of it; `attributes` are new definitions for attributes.yml."""

    imported: tuple[ImportedSegment, ...]
    refused: tuple[RefusedSegment, ...]
    attributes: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    known: tuple[KnownSegment, ...] = ()

    def without(self, known: Mapping[str, str]) -> "Import":
        """The same, where the imported segments of some names are there already, by the name of each."""
        return replace(
            self,
            imported=tuple(one for one in self.imported if one.name not in known),
            known=tuple(
                KnownSegment(one.segment_id, one.label, known[one.name])
                for one in self.imported
                if one.name in known
            ),
        )


@dataclass(frozen=True)
class Target:
    """The project that segments are imported into.

    `attributes` is its attributes.yml as plain values; `narrowed` is which of websites and customer_groups
    its defaults limit for a segment that says nothing.
    """

    vocabulary: Vocabulary
    segment_names: Collection[str] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    narrowed: Collection[str] = ()


def import_segments(
    stored: Iterable[StoredSegment], *, facts: ShopFacts, options: ImportOptions, target: Target
) -> Import:
    """The segments written in the language, or the reasons why they can't be."""
    attributes = NewAttributes(target.attributes, target.attributes)
    names = set(target.segment_names)
    imported: list[ImportedSegment] = []
    refused: list[RefusedSegment] = []
    for segment in stored:
        known = {**target.attributes, **attributes.definitions}
        own = NewAttributes(known, known)
        context = Context(facts, options, target.vocabulary, known, own, target.narrowed)
        label = " ".join(segment.name.split())
        try:
            definition = _definition(segment, label, context)
        except NotImportable as answer:
            refused.append(RefusedSegment(segment.segment_id, label, tuple(answer.reasons)))
            continue
        attributes.merge(own)
        name = free_name(segment, names)
        names.add(name)
        imported.append(
            ImportedSegment(segment.segment_id, name, label, definition, tuple(context.approximations))
        )
    return Import(tuple(imported), tuple(refused), attributes.definitions)


def free_name(segment: StoredSegment, taken: Collection[str]) -> str:
    """A name of the language made from the segment's, and no other segment's."""
    ascii_text = unicodedata.normalize("NFKD", segment.name.casefold()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", ascii_text).strip("_")
    if not slug:
        slug = f"maho_segment_{segment.segment_id}"
    elif not slug[0].isalpha():
        slug = f"segment_{slug}"
    slug = slug[:_LONGEST_NAME].rstrip("_")
    number, name = 1, slug
    while name in taken:
        number += 1
        ending = f"_{number}"
        name = slug[: _LONGEST_NAME - len(ending)].rstrip("_") + ending
    return name


def _definition(segment: StoredSegment, label: str, context: Context) -> dict[str, Any]:
    reasons: list[Reason] = []
    settings: dict[str, Any] = {}
    try:
        settings = _settings(segment, context)
    except Refusal as refusal:
        reasons.append(Reason("", refusal.reason))
    try:
        rule = translate(read_tree(segment.conditions), context)
    except Refusal as refusal:
        reason = refusal.reason
        if reason.endswith("matches everyone."):
            reason += " If everyone is meant, write `match: { profile_type: customer }`."
        raise NotImportable([*reasons, Reason("", reason)]) from None
    except NotImportable as answer:
        raise NotImportable([*reasons, *answer.reasons]) from None
    if reasons:
        raise NotImportable(reasons)
    definition: dict[str, Any] = {}
    if label:
        definition["label"] = label
    if description := " ".join(segment.description.split()):
        definition["description"] = description
    definition |= settings
    if context.counts_days:
        definition["time_zone"] = Remarked("UTC", (_UTC_DAYS,))
    return {**definition, "match": rule}


def _settings(segment: StoredSegment, context: Context) -> dict[str, Any]:
    """Its settings other than its name, where they are not the defaults. Raises Refusal."""
    settings: dict[str, Any] = {"audience": "customers"}
    websites = _named(segment.website_ids, context.facts.websites, "websites")
    groups = _named(segment.customer_group_ids, context.facts.groups, "customer groups")
    everywhere = {"websites": context.facts.websites, "customer_groups": context.facts.groups}
    for setting, chosen in (("websites", websites), ("customer_groups", groups)):
        if chosen is not None:
            settings[setting] = chosen
        elif setting in context.narrowed:
            settings[setting] = Remarked(list(everywhere[setting].values()), (_NOT_THE_DEFAULT,))
    if not segment.is_active:
        settings["active"] = False
    if segment.priority and abs(segment.priority) <= _HIGHEST_PRIORITY:
        settings["priority"] = segment.priority
    if segment.is_manual:
        settings["refresh"] = {"manual": True}
    return settings


def _named(ids: str, names: Mapping[str, str], what: str) -> Any:
    """What a comma list of ids allows; None for everything, which `0` alone stands for in the module."""
    if ids.strip() in {"", "0"}:
        return None
    listed = [one.strip() for one in ids.split(",") if one.strip()]
    known = list(dict.fromkeys(names[one] for one in listed if one in names))
    gone = [one for one in listed if one not in names]
    if not known:
        raise Refusal(
            f"It is for the {what} {', '.join(gone)}, none of which the shop has under a name of its own."
        )
    if not gone:
        return known
    return Remarked(known, (f"The shop has no {what} {', '.join(gone)} under a name of its own.",))


def _remarks(value: Any) -> Iterable[str]:
    if isinstance(value, Remarked):
        yield from value.remarks
        yield from _remarks(value.value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _remarks(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _remarks(item)
