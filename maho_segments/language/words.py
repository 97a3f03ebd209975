"""A segment's definition in plain English: whoever reads it knows who is in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from maho_segments.language.phrases import (
    lets_missing_in,
    one_of,
    spoken,
    test_phrase,
    value_phrase,
    window_phrase,
)
from maho_segments.language.project import Project
from maho_segments.language.rules import (
    AllOf,
    AnyOf,
    Condition,
    Constant,
    InSegment,
    Measure,
    NamedAttribute,
    NoneOf,
    NotRule,
    RelatedRows,
    Rows,
    Rule,
    Segment,
    Test,
)

_LONGEST_INLINE = 130
_AUDIENCES = {"customer": "customers", "guest": "guests", "visitor": "anonymous visitors"}
_COUNT_PHRASES = {
    "eq": "exactly {}",
    "gt": "more than {}",
    "gte": "at least {}",
    "lt": "fewer than {} (or no)",
    "lte": "at most {} (or no)",
    "between": "from {} to {}",
}

# Of `every`, `latest` and `first`, in this order.
_EDGE_WORDS = (
    "there is at least one, and in every one of them",
    "in the latest of them",
    "in the first of them",
)


@dataclass(frozen=True)
class _Clause:
    """A line of the explanation; `parts` are the indented lines that it introduces."""

    text: str
    parts: "tuple[_Clause, ...]" = ()

    def lines(self, indent: str = "") -> Iterator[str]:
        yield f"{indent}- {self.text}"
        for part in self.parts:
            yield from part.lines(indent + "  ")


def in_words(project: Project, name: str) -> str:
    """Who is in the segment, in English sentences over several lines; raises KeyError for an unknown name."""
    segment = project.segments[name]
    rule = _Speaker(project).rule(segment.match)
    if rule.parts and isinstance(segment.match, AllOf | AnyOf | NoneOf):
        head, parts = f"{_audience(segment)} for whom {rule.text}", rule.parts
    else:
        head, parts = f"{_audience(segment)} for whom this is true:", (rule,)
    lines = [head[0].upper() + head[1:], *(line for part in parts for line in part.lines())]
    notes = list(_notes(project, segment))
    return "\n".join([*lines, *(["", "What is meant:", *(f"- {note}" for note in notes)] if notes else [])])


def rule_in_words(project: Project, rule: Rule) -> tuple[str, ...]:
    """A rule in English: its first line, and those below it, indented."""
    clause = _Speaker(project).rule(rule)
    return (clause.text, *(line for part in clause.parts for line in part.lines()))


def _audience(segment: Segment) -> str:
    who = one_of((_AUDIENCES[kind] for kind in segment.audience), "and")
    if segment.websites is not None:
        who += f" of the website{'s' * (len(segment.websites) > 1)} {one_of(segment.websites)}"
    if segment.customer_groups is not None:
        who += f" in the group{'s' * (len(segment.customer_groups) > 1)} {one_of(segment.customer_groups)}"
    return who


class _Speaker:
    """Says rules; knows the labels of segments and the time columns of relations."""

    def __init__(self, project: Project) -> None:
        self._segments = project.segments
        self._relations = project.vocabulary.relations

    def rule(self, rule: Rule) -> _Clause:
        match rule:
            case AllOf(rules=(only,)) | AnyOf(rules=(only,)):
                clause = self.rule(only)
            case AllOf(rules=rules):
                clause = self._list("all of these are true:", _flat_rules(rules))
            case AnyOf(rules=rules):
                clause = self._list("at least one of these is true:", rules)
            case NoneOf(rules=(only,)) | NotRule(rule=only):
                clause = self._negation(only)
            case NoneOf(rules=rules):
                clause = self._list("none of these is true:", rules)
            case Test():
                clause = _Clause(test_phrase(rule))
            case RelatedRows():
                clause = self._related(rule)
            case InSegment(names=names):
                clause = _Clause(f"they are in {self._segment_names(names)}")
            case Condition(name=name, arguments=arguments):
                clause = _Clause(f"the project's condition {spoken(name)} is met{_arguments(arguments)}")
        return clause

    def _list(self, text: str, rules: tuple[Rule, ...]) -> _Clause:
        return _Clause(text, tuple(self.rule(rule) for rule in rules))

    def _negation(self, rule: Rule) -> _Clause:
        match rule:
            case AllOf(rules=(only,)) | AnyOf(rules=(only,)):
                clause = self._negation(only)
            case NotRule(rule=only) | NoneOf(rules=(only,)):
                clause = self.rule(only)
            case AllOf(rules=rules):
                clause = self._list("not all of these are true:", rules)
            case AnyOf(rules=rules):
                clause = self.rule(NoneOf(rules))
            case NoneOf(rules=rules):
                clause = self.rule(AnyOf(rules))
            case RelatedRows() if _is_existence(rule):
                clause = self._picked("they have no", _singular(rule.rows.relation), rule.rows)
            case InSegment(names=names):
                clause = _Clause(f"they are not in {self._segment_names(names)}")
            case Test() | RelatedRows() | Condition():
                affirmed = self.rule(rule)
                clause = _Clause(f"it is not true that {affirmed.text}", affirmed.parts)
        return clause

    def _segment_names(self, names: tuple[str, ...]) -> str:
        labels = [f"{self._segments[name].label} ({name})" for name in names]
        return f"the segment {labels[0]}" if len(labels) == 1 else f"one of the segments {one_of(labels)}"

    # ---- related rows ------------------------------------------------------------------------------------

    def _related(self, related: RelatedRows) -> _Clause:
        rows = related.rows
        if _is_existence(related):
            return self._picked("they have at least one", _singular(rows.relation), rows)
        measures = [test for measure in related.measures for test in _flat(measure)]
        edges = (related.every, related.latest, related.first)
        if len(measures) == 1 and edges == (None, None, None):
            counted = self._counted(measures[0], rows)
            if counted is not None:
                return counted
        asked = [_Clause(test_phrase(test)) for test in measures]
        for rule, text in zip(edges, _EDGE_WORDS, strict=True):
            if rule is not None:
                asked.append(self._joined(f"{text},", rule))
        picked = self._picked("of the", _plural(rows.relation), rows)
        if picked.parts:
            return _Clause(picked.text, (*picked.parts, _Clause("and of these:", tuple(asked))))
        if len(asked) == 1 and rows.where is None:
            return _Clause(f"{picked.text}, {asked[0].text}", asked[0].parts)
        return _Clause(f"{picked.text}:", tuple(asked))

    def _counted(self, test: Test, rows: Rows) -> _Clause | None:
        """A lone test of the number of rows as `they have at least 3 orders ...`; None for other tests."""
        is_count = isinstance(test.subject, Measure) and test.subject.aggregate == "count"
        numbers = [operand.value for operand in test.operands if isinstance(operand, Constant)]
        if not is_count or test.operator not in _COUNT_PHRASES or len(numbers) != len(test.operands):
            return None
        if test.operator == "eq" and numbers == [0]:
            return self._picked("they have no", _singular(rows.relation), rows)
        noun = _singular(rows.relation) if numbers[-1] == 1 else _plural(rows.relation)
        how_many = _COUNT_PHRASES[test.operator].format(*map(value_phrase, test.operands))
        return self._picked(f"they have {how_many}", noun, rows)

    def _picked(self, how_many: str, noun: str, rows: Rows) -> _Clause:
        time_column = self._relations[rows.relation].time_column
        text = f"{how_many} {noun}"
        for test in rows.window:
            column = value_phrase(test.subject)
            is_usual = column == spoken(time_column or "")
            text += f" {window_phrase(test)}" if is_usual else f" whose {test_phrase(test)}"
        return _Clause(text) if rows.where is None else self._joined(f"{text} where", rows.where)

    def _joined(self, text: str, rule: Rule) -> _Clause:
        """`text` followed by the rule: on the same line where it is simple and short, else below it."""
        clauses = [
            self.rule(part) for part in (_flat_rules(rule.rules) if isinstance(rule, AllOf) else (rule,))
        ]
        if not any(clause.parts for clause in clauses):
            *others, last = (clause.text for clause in clauses)
            line = f"{', '.join(others)}, and {last}" if others else last
            if len(text) + len(line) <= _LONGEST_INLINE:
                return _Clause(f"{text} {line}")
        clause = self.rule(rule)
        return _Clause(f"{text} {clause.text}", clause.parts)


def _is_existence(related: RelatedRows) -> bool:
    return not related.measures and related.every is related.latest is related.first is None


def _flat_rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Rules of which all must be true, with the parts of an all-of among them in its place."""
    parts = ((_flat_rules(rule.rules) if isinstance(rule, AllOf) else (rule,)) for rule in rules)
    return tuple(part for some in parts for part in some)


def _flat(rule: Rule) -> Iterator[Test]:
    if isinstance(rule, AllOf):
        for part in rule.rules:
            yield from _flat(part)
    else:
        assert isinstance(rule, Test), "the checker makes measures of tests and all-of only"
        yield rule


def _plural(relation: str) -> str:
    words = spoken(relation)
    return words if words.endswith("s") else f"{words} entries"


def _singular(relation: str) -> str:
    words = spoken(relation)
    if not words.endswith("s"):
        return f"{words} entry"
    if words.endswith("ies"):
        return words[:-3] + "y"
    return words[:-2] if words.endswith("sses") else words[:-1]


def _arguments(arguments: Mapping[str, object]) -> str:
    return (
        f" ({', '.join(f'{spoken(name)} {value}' for name, value in arguments.items())})" if arguments else ""
    )


def _notes(project: Project, segment: Segment) -> Iterator[str]:
    """What the reader needs to know beside the rule: what attributes mean, missing values, the clock."""
    names = dict.fromkeys(node.name for node in _nodes(segment.match) if isinstance(node, NamedAttribute))
    for name in names:
        yield f"{spoken(name)}: {project.attributes[name].description}"
    if any(lets_missing_in(node) for node in _nodes(segment.match) if isinstance(node, Test)):
        yield '"anything but" lets in who has no such value.'
    if segment.time_zone is not None:
        yield f"Days and months are those of {segment.time_zone}."
    if not segment.is_active:
        yield "The segment is switched off: nobody is in it."


def _nodes(node: object) -> Iterator[object]:
    """The node of the tree and all below it."""
    if isinstance(node, tuple):
        for item in node:
            yield from _nodes(item)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            yield from _nodes(getattr(node, field.name))
