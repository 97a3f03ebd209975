"""Rules as JSON Schema: what an editor offers and accepts below `match`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from maho_segments.language.literals import UNITS
from maho_segments.language.operators import OPERATORS, WINDOW_OPERATORS, Operator
from maho_segments.language.relation_reader import AGGREGATES
from maho_segments.language.rules import Aggregate, Attribute, ValueType, type_is_numeric
from maho_segments.language.scopes import PART_TYPES, WEEKDAYS
from maho_segments.language.vocabulary import Column, Relation, Vocabulary

Schema = dict[str, Any]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATE_OR_TIME = r"^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?([Zz]|[-+]\d{2}(:?\d{2})?))?$"
_LITERALS: dict[ValueType, Schema] = {
    "text": {"type": "string", "minLength": 1},
    "list": {"type": "string", "minLength": 1},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "pattern": _DATE},
    "time": {"type": "string", "pattern": _DATE_OR_TIME},
    "number": {"type": "number"},
    "money": {"type": "number"},
    "days": {"type": "number"},
}
_TYPE_WORDS: dict[ValueType, str] = {
    "text": "Text.",
    "list": "A list of texts.",
    "number": "A number.",
    "money": "An amount in base currency.",
    "days": "Calendar days.",
    "boolean": "True or false.",
    "date": "A day.",
    "time": "A moment.",
}
_LIST_FORMS = {
    "all": "Every one of these rules is true.",
    "any": "At least one of these rules is true.",
    "none": "None of these rules is true.",
}
_AGGREGATE_WORDS: dict[Aggregate, str] = {
    "count": "A test of how many rows there are.",
    "sum": "Tests of the sum of columns; 0 without rows.",
    "avg": "Tests of the average of columns; missing without rows.",
    "min": "Tests of the smallest value of columns; missing without rows.",
    "max": "Tests of the largest value of columns; missing without rows.",
    "count_distinct": "Tests of how many different values columns have.",
}
_WHOLE_VALUES = frozenset({"eq", "ne", "in", "not_in"})


@dataclass(frozen=True)
class _Name:
    """A name that rules can test, at its place."""

    type: ValueType
    description: str
    options: tuple[str, ...] | None = None


@dataclass(frozen=True)
class _Scope:
    """The names that can be tested at a place; `kind` is what one stands for, `attribute` or `column`."""

    prefix: str
    kind: Literal["attribute", "column"]
    names: Mapping[str, _Name]


class RuleSchemas:
    """Collects the definitions that make up `#/$defs/rule`, in `definitions`."""

    def __init__(self, vocabulary: Vocabulary, attributes: Iterable[Attribute]) -> None:
        self.definitions: dict[str, Schema] = {}
        columns = {name: _name(column) for name, column in vocabulary.profile.columns.items()}
        named = {one.name: _Name(one.type, one.description) for one in attributes}
        self._profile = _Scope("profile", "attribute", _with_parts(columns | named))
        relations = {
            relation.name: {"$ref": self._relation(relation), "description": relation.description}
            for relation in vocabulary.relations.values()
        }
        self._rule("rule", self._profile, _references() | relations)

    # ---- rules and relations -----------------------------------------------------------------------------

    def _rule(self, definition: str, scope: _Scope, more: Mapping[str, Schema]) -> str:
        reference = f"#/$defs/{definition}"
        rules = {"type": "array", "items": {"$ref": reference}, "minItems": 1}
        forms: dict[str, Schema] = {
            form: {**rules, "description": words} for form, words in _LIST_FORMS.items()
        }
        forms["not"] = {"$ref": reference, "description": "The rule is not true: its exact complement."}
        tests = {
            name: {"$ref": self._test(scope, found.type, found.options), "description": _described(found)}
            for name, found in scope.names.items()
        }
        return self._define(definition, _mapping(forms | dict(more) | tests))

    def _relation(self, relation: Relation) -> str:
        scope = _Scope(f"{relation.name}_row", "column", _with_parts(_row_names(relation)))
        row_rule = self._rule(scope.prefix, scope, {})
        times = [name for name, found in scope.names.items() if found.type in ("date", "time")]
        properties: dict[str, Schema] = {
            "where": {"$ref": row_rule, "description": "Which rows: all tests hold on the same row."},
            **{name: self._operand(scope, "time", OPERATORS[name]) for name in WINDOW_OPERATORS},
            "on": {"enum": times, "description": "Another time column for the window."},
            "every": {"$ref": row_rule, "description": "There is at least one row, and all of them pass."},
            "latest": {"$ref": row_rule, "description": "The newest row passes."},
            "first": {"$ref": row_rule, "description": "The oldest row passes."},
        }
        for aggregate in get_args(Aggregate):
            properties[aggregate] = self._aggregate(scope, aggregate)
        schema = _mapping(properties) | {"minProperties": 0, "dependentRequired": {"within_next": ["on"]}}
        return self._define(relation.name, schema)

    def _aggregate(self, scope: _Scope, aggregate: Aggregate) -> Schema:
        description = _AGGREGATE_WORDS[aggregate]
        counts = aggregate == "count_distinct"
        if aggregate == "count":
            return {"$ref": self._test(self._profile, "number"), "description": description}
        tests: dict[str, Schema] = {
            name: {"$ref": self._test(self._profile, "number" if counts else found.type)}
            for name, found in scope.names.items()
            if found.type in AGGREGATES[aggregate]
        }
        return _mapping(tests) | {"description": description}

    # ---- tests -------------------------------------------------------------------------------------------

    def _test(self, scope: _Scope, kind: ValueType, options: tuple[str, ...] | None = None) -> str:
        """A scalar, a list or a mapping of operators; the same for numbers, money and days."""
        kind = "number" if type_is_numeric(kind) else kind
        name = f"{scope.prefix}_{kind}"
        if options:
            first = next(name for name, found in scope.names.items() if found.options == options)
            name = f"{scope.prefix}_{first}"
        if name in self.definitions:
            return f"#/$defs/{name}"
        operators = {
            operator.name: self._operand(scope, kind, operator, options)
            for operator in OPERATORS.values()
            if kind in operator.types
        }
        if kind == "text":
            operators["case_sensitive"] = {"type": "boolean", "description": "Whether case matters."}
        if options:
            value = self._option(options)
            return self._define(name, {"anyOf": [value, _some(value), _mapping(operators)]})
        literal = _LITERALS[kind]
        return self._define(
            name, _or_mapping(literal | {"items": literal, "minItems": 1}, operators, "array")
        )

    def _operand(
        self, scope: _Scope, kind: ValueType, operator: Operator, options: tuple[str, ...] | None = None
    ) -> Schema:
        meaning = {"description": f"True when the value is {operator.meaning.removesuffix('...').strip()}."}
        option = self._option(options) if options and operator.name in _WHOLE_VALUES else None
        match operator.operand:
            case "value":
                reference = {"$ref": self._value(scope, kind)}
                return ({"anyOf": [option, reference]} if option else reference) | meaning
            case "pair":
                value = {"$ref": self._value(scope, kind)}
                return {"type": "array", "items": value, "minItems": 2, "maxItems": 2} | meaning
            case "day":
                return {"$ref": self._value(scope, "date", day_only=True)} | meaning
            case "values":
                name, schema = f"{operator.name}_{kind}", _some(option or _LITERALS[kind])
            case "duration":
                units: tuple[str, ...] = ("days", "weeks") if operator.name == "anniversary_within" else UNITS
                name, schema = operator.name, _duration(units)
            case "boolean":
                name, schema = operator.name, {"type": "boolean"}
            case "pattern":
                name, schema = operator.name, {"type": "string", "minLength": 1}
        if option:
            return schema | meaning
        return {"$ref": self._define(name, schema | meaning)}

    def _option(self, options: tuple[str, ...]) -> Schema:
        """One of the options, which an editor offers; in capitals it is the same value."""
        letters = ("".join(_any_case(letter) for letter in option) for option in options)
        pattern = {"type": "string", "pattern": f"^({'|'.join(letters)})$"}
        name = f"one_of_{'_'.join(options)}"
        return {"$ref": self._define(name, {"anyOf": [{"enum": list(options)}, pattern]})}

    def _value(self, scope: _Scope, kind: ValueType, *, day_only: bool = False) -> str:
        """A literal, or a name of the same scope whose values are comparable."""
        names = [
            name
            for name, found in scope.names.items()
            if (found.type == "date" if day_only else _is_comparable(kind, found.type))
        ]
        name = f"{scope.prefix}_{'day' if day_only else kind}_value"
        if kind == "list" or not names:
            return self._define(name, dict(_LITERALS[kind]))
        reference: Schema = {scope.kind: {"enum": names, "description": f"Another {scope.kind}."}}
        return self._define(name, _or_mapping(_LITERALS[kind], reference) | {"required": [scope.kind]})

    def _define(self, name: str, schema: Schema) -> str:
        self.definitions[name] = schema
        return f"#/$defs/{name}"


def _references() -> dict[str, Schema]:
    name: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
    return {
        "segment": {
            **name,
            "type": ["string", "array"],
            "items": name,
            "minItems": 1,
            "description": "The profile is in this segment, or in one of these.",
        },
        "condition": {
            "type": "object",
            "properties": {
                "name": {**name, "description": "NAME of the macro condition_NAME."},
                "with": {"type": "object", "description": "The macro's arguments."},
            },
            "required": ["name"],
            "additionalProperties": False,
            "description": "A condition macro of the project says so.",
        },
    }


def _row_names(relation: Relation) -> dict[str, _Name]:
    parents = {
        f"{parent.name}.{name}": _name(column)
        for parent in relation.parents.values()
        for name, column in parent.table.columns.items()
    }
    return {name: _name(column) for name, column in relation.columns.items()} | parents


def _name(column: Column) -> _Name:
    # Where labels are values too, the options are not all there is.
    return _Name(column.type, column.description, None if column.also else column.options)


def _with_parts(names: dict[str, _Name]) -> dict[str, _Name]:
    return dict(_parts(names))


def _parts(names: dict[str, _Name]) -> Iterator[tuple[str, _Name]]:
    for name, found in names.items():
        yield name, found
        if found.type == "time":
            for part, kind in PART_TYPES.items():
                options = WEEKDAYS if part == "weekday" else None
                yield f"{name}.{part}", _Name(kind, f"The {part} of {name}, by the website's clock.", options)


def _described(name: _Name) -> str:
    return f"{name.description} {_TYPE_WORDS[name.type]}".strip()


def _is_comparable(one: ValueType, other: ValueType) -> bool:
    if type_is_numeric(one) and type_is_numeric(other):
        return True
    return one == other or {one, other} == {"date", "time"}


def _mapping(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "minProperties": 1,
        "additionalProperties": False,
    }


def _or_mapping(literal: Schema, properties: Mapping[str, Schema], *more_types: str) -> Schema:
    """One schema for both, as each keyword minds its own type only: clearer errors than those of `anyOf`."""
    return literal | _mapping(properties) | {"type": [literal["type"], *more_types, "object"]}


def _some(literal: Schema) -> Schema:
    return {"type": "array", "items": literal, "minItems": 1}


def _duration(units: Iterable[str]) -> Schema:
    words = "|".join(unit.removesuffix("s") for unit in units)
    return {"type": "string", "pattern": f"^0*[1-9][0-9]* +({words})s?$", "examples": ["7 days"]}


def _any_case(letter: str) -> str:
    lower, upper = letter.lower(), letter.upper()
    return f"[{lower}{upper}]" if len(lower) == len(upper) == 1 and lower != upper else re.escape(letter)
