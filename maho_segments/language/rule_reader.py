"""Checking rules: `all`, `any`, `none`, `not`, attributes, relations, segments, conditions."""

from collections.abc import Callable

from maho_segments.language.comparisons import TestReader
from maho_segments.language.condition_macros import Conditions
from maho_segments.language.literals import describe
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.relation_reader import RelationReader
from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    NoneOf,
    NotRule,
    Rule,
)
from maho_segments.language.scopes import ProfileScope, RowScope, Scope
from maho_segments.language.vocabulary import NAME
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

_LISTS: dict[str, Callable[[tuple[Rule, ...]], Rule]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}


class RuleReader:
    """Reads the rules of one file. A rule that is reported comes back as None, or without its faulty part."""

    def __init__(self, scope: ProfileScope, reporter: Reporter, conditions: Callable[[], Conditions]) -> None:
        self.scope = scope
        self.reporter = reporter
        self.tests = TestReader(reporter)
        self.relations = RelationReader(self)
        self.references: list[Scalar] = []
        """The segments that were named since this list was last emptied."""
        self._conditions = conditions
        """The project's condition macros: looked for only when a rule wants one."""
        self._row_scopes: dict[str, RowScope] = {}

    def row_scope(self, relation: str) -> RowScope:
        """The columns of one relation's rows."""
        if relation not in self._row_scopes:
            self._row_scopes[relation] = RowScope(self.scope.vocabulary.relations[relation])
        return self._row_scopes[relation]

    def read(self, node: Node, scope: Scope, place: str) -> Rule | None:
        """The rule of a mapping; `place` is the word it stands below."""
        if not isinstance(node, Mapping):
            self._report_shape(node, place)
            return None
        if not node.entries:
            self._report_empty(node, place)
            return None
        rules: list[Rule] = []
        for key, value in node.entries:
            name = key.text
            if name in _LISTS:
                rule = self._list(name, value, scope)
            elif name == "not":
                # In place, not by a method: a rule may nest hundreds deep, and each frame counts.
                inner = self.read(value, scope, "not")
                rule = NotRule(inner) if inner else None
            elif scope is self.scope:
                rule = self._about_profile(key, value)
            else:
                subject = scope.subject(key, self.reporter)
                rule = self.tests.read(subject, value, scope) if subject else None
            if rule:
                self.reporter.places.note(rule, key)
                rules.append(rule)
        if len(rules) < 2:
            return rules[0] if rules else None
        every = AllOf(tuple(rules))
        self.reporter.places.note(every, node)
        return every

    def _list(self, name: str, node: Node, scope: Scope) -> Rule | None:
        if not isinstance(node, Sequence):
            self.reporter.error(
                "rule-shape",
                node,
                f"`{name}` takes a list of rules, not {describe(node)}",
                hint=f"Write each rule below `{name}:` on a line of its own that begins with `- `.",
            )
            return None
        if not node.items:
            self._report_empty(node, name)
            return None
        rules = [rule for item in node.items if (rule := self.read(item, scope, name))]
        return _LISTS[name](tuple(rules)) if rules else None

    def _about_profile(self, key: Scalar, value: Node) -> Rule | None:
        if key.text in self.scope.vocabulary.relations:
            return self.relations.related_rows(key.text, value)
        if key.text == "segment":
            return self._segment(value)
        if key.text == "condition":
            return self._condition(value)
        subject = self.scope.subject(key, self.reporter)
        return self.tests.read(subject, value, self.scope) if subject else None

    def _segment(self, node: Node) -> Rule | None:
        items = node.items if isinstance(node, Sequence) else [node]
        names = [
            item for item in items if isinstance(item, Scalar) and isinstance(item.value, str) and item.text
        ]
        if not items or len(names) < len(items):
            self.reporter.error(
                "segment-reference",
                node,
                f"`segment` wants the name of a segment, not {describe(node)}"
                if items
                else "`segment` has an empty list",
                hint="Write `segment: NAME` or `segment: [NAME, NAME]`.",
            )
            return None
        self.references += names
        return InSegment(tuple(dict.fromkeys(item.text for item in names)))

    def _condition(self, node: Node) -> Rule | None:
        name = node.get("name") if isinstance(node, Mapping) else None
        arguments = node.get("with") if isinstance(node, Mapping) else None
        if not isinstance(name, Scalar) or not NAME.fullmatch(name.text):
            self.reporter.error(
                "condition",
                name or node,
                f"`condition` wants the name of a condition macro, not {describe(name or node)}",
                hint="Write `condition: { name: NAME, with: { ARGUMENT: VALUE } }`.",
            )
            return None
        assert isinstance(node, Mapping)
        for key, _ in node.entries:
            if key.text not in {"name", "with"}:
                self.reporter.unknown(
                    "unknown-key", key, "the key of `condition`", key.text, ("name", "with")
                )
        known = self._conditions()
        if name.text not in known:
            hint = f"Write macros/conditions/condition_{name.text}.sql with a macro condition_{name.text}."
            self.reporter.unknown("unknown-condition", name, "the condition", name.text, known, hint)
        if arguments is not None and not isinstance(arguments, Mapping):
            self.reporter.error(
                "condition",
                arguments,
                f"`with` wants the macro's arguments, not {describe(arguments)}",
                hint="Write `with: { ARGUMENT: VALUE }`.",
            )
            return None
        read = known.get(name.text)
        if arguments and read is not None:
            for key, _ in arguments.entries:
                if key.text not in read:
                    place = f"in the condition {quoted(name.text)}, the argument"
                    hint = "" if read else "The macro reads none: leave `with` out."
                    self.reporter.unknown("unknown-argument", key, place, key.text, read, hint)
        values = plain_value(arguments) if arguments else {}
        assert isinstance(values, dict)
        return Condition(name.text, values)

    def _report_shape(self, node: Node, place: str) -> None:
        hint = "Write `ATTRIBUTE: TEST`, `RELATION: { ... }`, `segment: NAME`, or one of all, any, none, not."
        if isinstance(node, Sequence):
            hint = "Put the list below `all:` if every rule has to be true, or below `any:` if one is enough."
        elif isinstance(node, Scalar) and node.value is not None:
            hint = f"Write `{quoted(node.text)[1:-1]}: TEST`. Is the `:` missing, or the blank after it?"
        self.reporter.error("rule-shape", node, f"`{place}` wants a rule, not {describe(node)}", hint=hint)

    def _report_empty(self, node: Node, place: str) -> None:
        self.reporter.error(
            "empty-rule",
            node,
            f"`{place}` is empty",
            hint="Write at least one rule: nothing matches everybody by accident."
            if place != "where"
            else "Leave `where` out to take every row.",
        )
