"""Checking segments.yml: its shape, each segment's settings and rule, and how segments use each other."""

import re
from collections.abc import Callable, Iterable

from maho_segments.language.condition_macros import Conditions
from maho_segments.language.literals import describe
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter, circles, quoted
from maho_segments.language.rule_reader import RuleReader
from maho_segments.language.rules import Guard, GuestOrders, Refresh, Segment
from maho_segments.language.scopes import ProfileScope
from maho_segments.language.shape_reader import read_shape
from maho_segments.language.shapes import DefaultsShape, FileShape, SegmentShape
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

SEGMENT_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""A name is a view's name as well, which PostgreSQL cuts off after 63 bytes."""

_SEGMENTS = frozenset({"segments"})
_MATCH = frozenset({"match"})


class SegmentsReader:
    """Reads the segments of one file, or one that a preview makes up."""

    def __init__(self, scope: ProfileScope, reporter: Reporter, conditions: Callable[[], Conditions]) -> None:
        self.reporter = reporter
        self.scope = scope
        self.rules = RuleReader(scope, reporter, conditions)
        self.defaults = DefaultsShape()
        self.guest_orders: GuestOrders = "join"
        self.references: dict[str, list[Scalar]] = {}
        """Of each segment: where it names others."""

    def read_file(self, root: Node) -> dict[str, Segment]:
        """All segments without a mistake of their own; what they name is checked as well."""
        if not isinstance(root, Mapping):
            hint = "Begin it with `version: 1` and `segments:`."
            self.reporter.error(
                "file-shape", root, f"{describe(root)} where the file's keys stand", hint=hint
            )
            return {}
        if shape := read_shape(FileShape, root, self.reporter, leave_out=_SEGMENTS):
            self.defaults = shape.defaults
            self.guest_orders = shape.identity.guest_orders
        node = root.get("segments")
        if not isinstance(node, Mapping) or not node.entries:
            found = "is missing" if node is None else f"is {describe(node)}"
            if isinstance(node, Mapping):
                found = "is empty"
            self.reporter.error(
                "no-segments",
                node or root,
                f"`segments` {found}",
                hint="Write `segments:` and below it `NAME: { label: ..., match: ... }`.",
            )
            return {}
        segments: dict[str, Segment] = {}
        for key, value in node.entries:
            self.reporter.segment = key.text
            if segment := self.read_segment(key, value):
                segments[key.text] = segment
        self._check_references({key.text: value for key, value in node.entries})
        self._check_renames({key.text: value for key, value in node.entries})
        self.reporter.segment = None
        return segments

    def read_segment(self, key: Scalar, node: Node) -> Segment | None:
        """One segment, or None when it has a mistake."""
        before = len(self.reporter.problems)
        name = key.text
        if not SEGMENT_NAME.fullmatch(name):
            self.reporter.error(
                "segment-name",
                key,
                f"a segment can't be named {quoted(name)}",
                hint="Use lower-case letters, digits and underscores, a letter first, at most 63.",
            )
        if not isinstance(node, Mapping):
            hint = "Write `label:`, `match:` and others below it."
            self.reporter.error("segment", node, f"a segment is a mapping, not {describe(node)}", hint=hint)
            return None
        shape = read_shape(SegmentShape, node, self.reporter, leave_out=_MATCH)
        match_node = node.get("match")
        if match_node is None:
            hint = "Write `match:` and the rule that its members have to pass."
            self.reporter.error("no-match", key, "the segment has no `match`", hint=hint)
            return None
        self.rules.references = []
        match = self.rules.read(match_node, self.scope, "match")
        references = self.references[name] = self.rules.references
        failed = len(self.reporter.problems) > before
        if shape is None or match is None or failed:
            return None
        self._note_places(key, node)
        own = shape.model_fields_set
        settings = {
            field: getattr(shape if field in own else self.defaults, field)
            for field in DefaultsShape.model_fields
        }
        refresh, guard = settings.pop("refresh"), settings.pop("guard")
        return Segment(
            name=name,
            label=shape.label or name.replace("_", " ").capitalize(),
            description=shape.description,
            is_active=shape.active,
            refresh=Refresh(refresh.on_change, refresh.schedule, refresh.manual),
            guard=Guard(guard.max_change_percent, guard.min_members, guard.max_members),
            match=match,
            references=tuple(dict.fromkeys(reference.text for reference in references)),
            renamed_from=shape.renamed_from,
            definition=_as_written(node),
            **settings,
        )

    def _note_places(self, key: Scalar, node: Mapping) -> None:
        places = self.reporter.places
        places.name(key, "segment", key.text)
        for item in _items(node.get("silence")):
            places.name(item, "segment", key.text, item.text)

    def _check_references(self, nodes: dict[str, Node]) -> None:
        """Report references to segments that don't exist or are not active, and circles."""
        inactive = {name for name, node in nodes.items() if _is_inactive(node)}
        for name, references in self.references.items():
            self.reporter.segment = name
            for reference in references:
                if reference.text not in nodes:
                    self.report_unknown(reference, nodes)
                elif reference.text in inactive and name not in inactive:
                    self.report_inactive(reference)
        edges = {
            name: tuple(reference.text for reference in references)
            for name, references in self.references.items()
        }
        for circle in circles(edges):
            self.reporter.segment = circle[0]
            at = next(node for node in self.references[circle[0]] if node.text == circle[1])
            self.reporter.error(
                "segment-circle",
                at,
                f"segments use each other in a circle: {' -> '.join(circle)}",
                hint="Write one of them without the next.",
            )

    def _check_renames(self, nodes: dict[str, Node]) -> None:
        """Report former names that are still, or twice, a segment's: an id can go on under one name only."""
        taken: dict[str, str] = {}
        for name, node in nodes.items():
            self.reporter.segment = name
            for former in _items(node.get("renamed_from") if isinstance(node, Mapping) else None):
                if former.text in nodes:
                    self.reporter.error(
                        "renamed-from",
                        former,
                        f"the segment {quoted(former.text)} is still defined, so it is not renamed",
                        hint=f"Remove that segment, or write {quoted(name)} without this `renamed_from`.",
                    )
                elif former.text in taken:
                    self.reporter.error(
                        "renamed-from",
                        former,
                        f"{quoted(former.text)} was renamed to {quoted(taken[former.text])} already",
                        hint="Name it in one segment: only one can go on with its members.",
                    )
                taken.setdefault(former.text, name)

    def report_unknown(self, reference: Scalar, known: Iterable[str]) -> None:
        """Report a segment that does not exist."""
        self.reporter.unknown("unknown-segment", reference, "the segment", reference.text, known)

    def report_inactive(self, reference: Scalar) -> None:
        """Report a segment that has no members because it is not active."""
        self.reporter.error(
            "inactive-segment",
            reference,
            f"the segment {quoted(reference.text)} is not active, so nobody is in it",
            hint="Remove its `active: false`, or use another segment.",
        )


def _items(node: Node | None) -> list[Scalar]:
    """The words of a word or list of words."""
    items: list[Node | None] = [*node.items] if isinstance(node, Sequence) else [node]
    return [item for item in items if isinstance(item, Scalar)]


def _is_inactive(node: Node) -> bool:
    active = node.get("active") if isinstance(node, Mapping) else None
    return isinstance(active, Scalar) and active.value is False


def _as_written(node: Mapping) -> dict[str, object]:
    definition = plain_value(node)
    assert isinstance(definition, dict)
    return definition
