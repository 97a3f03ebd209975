"""What the words of a rule stand for at its place: attributes of a profile, or columns of a related row."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from maho_segments.language.literals import TYPE_WORDS
from maho_segments.language.operators import OPERATORS
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.rules import (
    NamedAttribute,
    Part,
    ProfileColumn,
    RowColumn,
    TimePart,
    Value,
    ValueType,
)
from maho_segments.language.vocabulary import KEYWORDS, Column, Relation, Vocabulary
from maho_segments.language.yaml_reader import Scalar

PART_TYPES: dict[Part, ValueType] = {"date": "date", "weekday": "text", "hour": "number", "month": "number"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tested, and what the checker knows about it beside its type."""

    name: str
    value: Value
    options: tuple[str, ...] | None = None

    @property
    def type(self) -> ValueType:
        """The type of the value."""
        return self.value.type


_RULES = ("all", "any", "none", "not")
_RULE_WORDS = {
    **dict.fromkeys(("or", "either", "one_of", "any_of", "some"), "any"),
    **dict.fromkeys(("and", "both", "all_of", "every"), "all"),
    **dict.fromkeys(("nor", "neither", "none_of"), "none"),
    **dict.fromkeys(("except", "unless", "without"), "not"),
}
"""Words that people write where `all`, `any`, `none` or `not` stands here."""


class Scope:
    """The names that a rule can use at its place."""

    kind: str
    """`attribute` or `column`: what a name stands for, also as the key of an operand."""

    def names(self) -> list[str]:
        """All names, without those of parts."""
        raise NotImplementedError

    def look_up(self, name: str) -> Subject | None:
        """What a name without a part stands for; None when it does not exist."""
        raise NotImplementedError

    def subject(self, at: Scalar, reporter: Reporter, *, is_operand: bool = False) -> Subject | None:
        """What a name stands for; reports one that does not exist. An operand is never a relation."""
        name = at.text
        if found := self.look_up(name):
            return found
        if meant := _RULE_WORDS.get(name.lower()):
            words = [meant, *(word for word in _RULES if word != meant)]
            hint = f"Did you mean `{meant}`?"
            reporter.error("unknown-name", at, f"{quoted(name)} joins no rules", allowed=words, hint=hint)
            return None
        whole_name, _, part = name.rpartition(".")
        whole = self.look_up(whole_name) if whole_name else None
        if whole is None and is_operand:
            reporter.unknown("unknown-name", at, f"the {self.kind}", name, self.names())
            return None
        if whole is None:
            self.report_unknown(at, reporter)
            return None
        known = next((known for known in PARTS if known == part), None)
        if whole.type != "time":
            reporter.error(
                "part",
                at,
                f"{quoted(whole_name)} is {TYPE_WORDS[whole.type]} and has no part {quoted(part)}",
                hint="Only times have parts: .date, .weekday, .hour, .month.",
            )
        elif known is None:
            parts = [f"{whole_name}.{known}" for known in PARTS]
            reporter.unknown("part", at, "the part of a time", name, parts)
        else:
            assert isinstance(whole.value, RowColumn | ProfileColumn | NamedAttribute)
            value = TimePart(whole.value, known, PART_TYPES[known])
            return Subject(name, value, WEEKDAYS if known == "weekday" else None)
        return None

    def report_unknown(self, at: Scalar, reporter: Reporter) -> None:
        """Report a name that does not exist."""
        raise NotImplementedError


class AnyName(Collection[str]):
    """Every name there may be."""

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class ProfileScope(Scope):
    """The attributes of a profile: the columns of `profiles`, and those of attributes.yml."""

    kind = "attribute"

    def __init__(
        self, vocabulary: Vocabulary, attributes: Mapping[str, ValueType], broken: Collection[str] = ()
    ) -> None:
        self.vocabulary = vocabulary
        self._broken = broken
        """Attributes whose type is not known: their mistake is told once, in attributes.yml."""
        self._subjects = {
            column.name: Subject(
                column.name, ProfileColumn(column.name, column.type, column.also), _options(column)
            )
            for column in vocabulary.profile.columns.values()
        } | {name: Subject(name, NamedAttribute(name, kind)) for name, kind in attributes.items()}

    def names(self) -> list[str]:
        return list(self._subjects)

    def look_up(self, name: str) -> Subject | None:
        return self._subjects.get(name)

    def report_unknown(self, at: Scalar, reporter: Reporter) -> None:
        name = at.text
        if name.partition(".")[0] in self._broken:
            return
        relations = self.vocabulary.relations
        owners = [relation.name for relation in relations.values() if name in dict(_row_columns(relation))]
        hint = ""
        if name in OPERATORS:
            hint = f"`{name}` is an operator: write it below an attribute, `ATTRIBUTE: {{ {name}: ... }}`."
        elif owners:
            hint = (
                f"It is a column of {_listed(owners)}: write `{owners[0]}: {{ where: {{ {name}: ... }} }}`."
            )
        words = [*self.names(), *relations, *KEYWORDS]
        reporter.unknown("unknown-name", at, "the attribute or relation", name, words, hint)


class RowScope(Scope):
    """The columns of one related row and of its parents."""

    kind = "column"

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self._subjects = {
            name: Subject(name, RowColumn(name, column.type, column.also), _options(column))
            for name, column in _row_columns(relation)
        }

    def names(self) -> list[str]:
        return list(self._subjects)

    def look_up(self, name: str) -> Subject | None:
        return self._subjects.get(name)

    def report_unknown(self, at: Scalar, reporter: Reporter) -> None:
        name = at.text
        alike = [known for known in self._subjects if known.endswith(f".{name}")]
        hint = f"It is a column of a parent: write `{alike[0]}`." if alike else ""
        if name in OPERATORS:
            hint = f"`{name}` is an operator: write it below a column, `COLUMN: {{ {name}: ... }}`."
        elif name in {"segment", "condition"}:
            hint = f"A row has no {name}: write it beside `{self.relation.name}`, in an `all`."
        reporter.unknown(
            "unknown-column",
            at,
            f"the column of {self.relation.name}",
            name,
            [*alike, *self.names()],
            hint,
        )


def _row_columns(relation: Relation) -> Iterable[tuple[str, Column]]:
    yield from relation.columns.items()
    for parent in relation.parents.values():
        for column in parent.table.columns.values():
            yield f"{parent.name}.{column.name}", column


def _options(column: Column) -> tuple[str, ...] | None:
    """The closed set of values, unless labels, which are no such set, are values as well."""
    return None if column.also else column.options


def _listed(names: list[str]) -> str:
    return " and of ".join(names[:3])
