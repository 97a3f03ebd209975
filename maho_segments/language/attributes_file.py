"""Checking attributes.yml: named attributes, each an aggregate of related rows or a calculation."""

from dataclasses import dataclass
from typing import get_args

from maho_segments.language.advice_codes import ADVICE
from maho_segments.language.attribute_uses import check_uses
from maho_segments.language.literals import TYPE_WORDS, describe, read_constant
from maho_segments.language.problems import Reporter, nearest, quoted
from maho_segments.language.rule_reader import RuleReader
from maho_segments.language.rules import (
    Attribute,
    Calculation,
    CalculationForm,
    Value,
    ValueType,
    type_is_numeric,
)
from maho_segments.language.scopes import ProfileScope
from maho_segments.language.vocabulary import KEYWORDS, NAME, Vocabulary
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence

ATTRIBUTE_TYPES: tuple[ValueType, ...] = ("money", "number", "days", "time", "date", "text", "boolean")


@dataclass(frozen=True, slots=True)
class Form:
    """What a calculation takes and gives; `most` is None where any number of values may stand."""

    least: int
    most: int | None
    takes: frozenset[ValueType]
    gives: ValueType | None
    """None: the type of what it takes."""


_SETTINGS = frozenset({"type", "description", "silence"})
_NUMBERS: frozenset[ValueType] = frozenset({"number", "money", "days"})
_CALENDAR: frozenset[ValueType] = frozenset({"date", "time"})
FORMS: dict[CalculationForm, Form] = {
    "ratio": Form(2, 2, _NUMBERS, "number"),
    "difference": Form(2, 2, _NUMBERS, None),
    "days_since": Form(1, 1, _CALENDAR, "days"),
    "days_until_anniversary": Form(1, 1, _CALENDAR, "days"),
    "days_between": Form(2, 2, _CALENDAR, "days"),
    "latest_of": Form(1, None, frozenset({"time"}), "time"),
    "first_set": Form(1, None, frozenset(ATTRIBUTE_TYPES), None),
}


def read_attributes(
    root: Node | None, vocabulary: Vocabulary, reporter: Reporter
) -> tuple[dict[str, Attribute], ProfileScope]:
    """The attributes of attributes.yml, and the scope of rules that may use them."""
    entries = _entries(root, reporter)
    types: dict[str, ValueType] = {}
    broken: set[str] = set()
    for key, node in entries:
        kind = _declared_type(node) if _check_name(key, vocabulary, reporter) else None
        if kind:
            types[key.text] = kind
        else:
            broken.add(key.text)
    scope = ProfileScope(vocabulary, types, broken)
    reader = _AttributeReader(scope, reporter)
    attributes: dict[str, Attribute] = {}
    places: dict[str, Scalar] = {}
    for key, node in entries:
        if attribute := reader.read(key, node):
            attributes[key.text] = attribute
            places[key.text] = key
    check_uses(attributes, places, reporter)
    return attributes, scope


def _entries(root: Node | None, reporter: Reporter) -> list[tuple[Scalar, Node]]:
    if root is None:
        return []
    if not isinstance(root, Mapping):
        reporter.error(
            "file-shape",
            root,
            f"{describe(root)} where the file's keys stand",
            hint="Begin it with `attributes:`.",
        )
        return []
    for key, value in root.entries:
        if key.text not in {"attributes", "version"}:
            reporter.unknown("unknown-key", key, "the key", key.text, ("attributes", "version"))
        elif key.text == "version" and not (isinstance(value, Scalar) and value.value == 1):
            reporter.error(
                "version", value, f"the version is {describe(value)}", allowed=("1",), hint="Write 1."
            )
    attributes = root.get("attributes")
    if isinstance(attributes, Mapping):
        return attributes.entries
    if attributes is not None and not (isinstance(attributes, Scalar) and attributes.value is None):
        hint = "Write `NAME: { type: ..., description: ..., ... }` below `attributes:`."
        reporter.error("file-shape", attributes, f"`attributes` is {describe(attributes)}", hint=hint)
    return []


def _declared_type(node: Node) -> ValueType | None:
    kind = node.get("type") if isinstance(node, Mapping) else None
    return next((known for known in ATTRIBUTE_TYPES if isinstance(kind, Scalar) and known == kind.text), None)


def _check_name(key: Scalar, vocabulary: Vocabulary, reporter: Reporter) -> bool:
    name = key.text
    what = ""
    if not NAME.fullmatch(name):
        what = "only lower-case letters, digits and underscores can stand in it"
    elif name in KEYWORDS:
        what = "that is a word of the language"
    elif name in vocabulary.relations:
        what = "that is a relation"
    elif name in vocabulary.profile.columns:
        what = "that is a column of the profiles, and so an attribute already"
    elif name in vocabulary.profile.hidden:
        what = "that is a hidden column of the profiles"
    if what:
        reporter.error(
            "attribute-name",
            key,
            f"an attribute can't be named {quoted(name)}: {what}",
            hint="Choose another name.",
        )
    return not what


class _AttributeReader:
    def __init__(self, scope: ProfileScope, reporter: Reporter) -> None:
        self.scope = scope
        self.reporter = reporter
        self.rules = RuleReader(scope, reporter, conditions=dict)
        self.form_words = [*FORMS, *scope.vocabulary.relations]

    def read(self, key: Scalar, node: Node) -> Attribute | None:
        """One entry, or None when it has a mistake."""
        if not isinstance(node, Mapping):
            self.reporter.error(
                "attribute",
                node,
                f"the attribute {quoted(key.text)} is {describe(node)}",
                hint="Write `{ type: ..., description: ..., RELATION or FORM: ... }`.",
            )
            return None
        kind = _declared_type(node)
        if kind is None:
            found = node.get("type")
            self.reporter.error(
                "attribute-type",
                found or key,
                f"the type of {quoted(key.text)} is {describe(found) if found else 'missing'}",
                allowed=nearest(found.text, ATTRIBUTE_TYPES)
                if isinstance(found, Scalar)
                else ATTRIBUTE_TYPES,
                hint="Write `type:` and one of these.",
            )
        description = self._description(node)
        silence = self._silence(key, node)
        forms = [(name, value) for name, value in node.entries if name.text not in _SETTINGS]
        if len(forms) != 1:
            self.reporter.error(
                "attribute",
                key,
                f"the attribute {quoted(key.text)} has {len(forms)} forms, one is wanted"
                + (f": {', '.join(quoted(name.text) for name, _ in forms[:5])}" if forms else ""),
                allowed=self.form_words,
                hint="Write one relation with an aggregate, or one calculation.",
            )
        values = [self._form(name, value) for name, value in forms]
        if kind is None or len(values) != 1 or values[0] is None:
            return None
        value = values[0]
        if value.type != kind and not (type_is_numeric(kind) and type_is_numeric(value.type)):
            self.reporter.error(
                "attribute-type",
                node.get("type") or key,
                f"{quoted(key.text)} is declared as {TYPE_WORDS[kind]}, and is {TYPE_WORDS[value.type]}",
                allowed=(value.type,),
                hint=f"Write `type: {value.type}`.",
            )
        return Attribute(key.text, kind, description, value, silence)

    def _description(self, node: Mapping) -> str:
        description = node.get("description")
        if (
            isinstance(description, Scalar)
            and isinstance(description.value, str)
            and description.text.strip()
        ):
            return " ".join(description.text.split())
        if description is not None:
            self.reporter.error(
                "value-type",
                description,
                f"description wants a text, not {describe(description)}",
                hint="Write a sentence, in quotes if it looks like a number.",
            )
        return ""

    def _silence(self, key: Scalar, node: Mapping) -> tuple[str, ...]:
        self.reporter.places.name(key, "attribute", key.text)
        silence = node.get("silence")
        if silence is None:
            return ()
        codes: list[str] = []
        for item in silence.items if isinstance(silence, Sequence) else [silence]:
            code = item.text if isinstance(item, Scalar) else ""
            if code in ADVICE:
                codes.append(code)
                self.reporter.places.name(item, "attribute", key.text, code)
            else:
                self.reporter.unknown("unknown-advice", item, "the advice", code, ADVICE)
        return tuple(dict.fromkeys(codes))

    def _form(self, key: Scalar, node: Node) -> Value | None:
        """The value of `RELATION: {...}` or `FORM: ...`."""
        if key.text in self.scope.vocabulary.relations:
            return self.rules.relations.measure(key.text, node)
        name = next((form for form in FORMS if form == key.text), None)
        if name is None:
            self.reporter.unknown("unknown-form", key, "the form or relation", key.text, self.form_words)
            return None
        form = FORMS[name]
        items = node.items if isinstance(node, Sequence) else [node]
        if len(items) < form.least or (form.most is not None and len(items) > form.most):
            counts = str(form.least) if form.most else f"{form.least} or more"
            self.reporter.error(
                "operands",
                node,
                f"{name} takes {counts} values, not {len(items)}",
                hint=f"Write `{name}: {'A' if form.most == 1 else '[A, B]'}`.",
            )
            return None
        values = [value for item in items if (value := self._operand(name, form, item))]
        if len(values) < len(items):
            return None
        kinds = {value.type for value in values}
        if form.gives is None and len(kinds) > 1 and not all(map(type_is_numeric, kinds)):
            self.reporter.error(
                "operand-type",
                node,
                f"{name} wants values of one type, not {' and '.join(sorted(kinds))}",
                hint="Use attributes of the same type.",
            )
            return None
        gives = form.gives or (kinds.pop() if len(kinds) == 1 else "number")
        return Calculation(name, tuple(values), gives)

    def _operand(self, name: CalculationForm, form: Form, node: Node) -> Value | None:
        if isinstance(node, Mapping) and len(node.entries) == 1:
            value = self._form(*node.entries[0])
        elif isinstance(node, Scalar) and isinstance(node.value, str):
            subject = self.scope.subject(node, self.reporter)
            value = subject.value if subject else None
        elif isinstance(node, Scalar) and node.value is not None and not isinstance(node.value, bool):
            value = read_constant(node, "number", name, self.reporter)
        else:
            self.reporter.error(
                "operand",
                node,
                f"{name} wants an attribute, not {describe(node)}",
                hint="Write the name of an attribute, a number, or one form in braces.",
            )
            return None
        if value is not None and value.type not in form.takes:
            kinds = " or ".join(TYPE_WORDS[kind] for kind in get_args(ValueType) if kind in form.takes)
            shown = quoted(node.text) if isinstance(node, Scalar) else "this"
            self.reporter.error(
                "operand-type",
                node,
                f"{name} wants {kinds}; {shown} is {TYPE_WORDS[value.type]}",
                hint="Use an attribute of that type.",
            )
            return None
        return value
