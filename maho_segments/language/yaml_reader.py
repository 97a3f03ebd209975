"""Reading a YAML file into nodes that know their place; what is odd in YAML is an error that says what to do.

PyYAML's C parser makes the events; composing them is ours, for places, YAML 1.2 words, duplicate keys, and
because its composer recurses as deeply as the file nests.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from maho_segments.language.problems import Reporter, correction, quoted
from maho_segments.language.scalars import ScalarValue, resolve_scalar
from maho_segments.language.source_text import Place, decode_source
from maho_segments.language.yaml_errors import explain_syntax_error

MAX_DEPTH = 256
"""How deep a file may nest: beyond what a person writes, and below what would exhaust a stack."""
MAX_ALIASED_NODES = 100_000
"""How much aliases may repeat, all in all: aliases of aliases of aliases would fill the memory."""


@dataclass(slots=True)
class Scalar:
    """A word, number, text, boolean or null; `text` is how it stands in the file, without quotes."""

    text: str
    value: ScalarValue
    line: int
    column: int


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: "list[Node]"
    line: int
    column: int


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order of the file; no key stands twice."""

    entries: "list[tuple[Scalar, Node]]"
    line: int
    column: int

    def get(self, name: str) -> "Node | None":
        """The value of a key, or None."""
        return next((value for key, value in self.entries if key.text == name), None)


Node = Scalar | Sequence | Mapping


def read_yaml(source: bytes, reporter: Reporter) -> Node | None:
    """The one document of a file, or None when it can't be read; what is wrong is reported."""
    text = decode_source(source, reporter)
    if text is None:
        return None
    try:
        return _Composer(reporter).compose(_events(text))
    except yaml.MarkedYAMLError as error:
        explain_syntax_error(error, text, reporter)
    except _GivenUpError:
        pass
    return None


def _events(text: str) -> Iterator[Any]:
    parser = yaml.CSafeLoader(text)
    while parser.check_event():
        yield parser.get_event()


class _GivenUpError(Exception):
    """Reading on makes no sense; the problem is reported already."""


_NO_KEYS = frozenset({"", "<<"})
"""Keys that are reported where they are read, and left out with their values."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    node: Sequence | Mapping
    anchor: str | None
    size: int = 1
    key: Scalar | None = None
    lines: dict[str, int] = field(default_factory=dict)
    """Of a mapping: the line of each key so far."""


class _Composer:
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.aliased = 0
        self.root: Node | None = None

    def compose(self, events: Iterator[Any]) -> Node | None:
        documents = 0
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingStartEvent:
                self._start(event, Mapping([], *_place(event)))
            elif kind is yaml.SequenceStartEvent:
                self._start(event, Sequence([], *_place(event)))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._end()
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._give_up(
                        "several-documents",
                        event,
                        "a second document begins here",
                        "Remove the `---`: a file holds one document.",
                    )
        if self.root is None or (isinstance(self.root, Scalar) and self.root.value is None):
            self.root = None
            self.reporter.error("empty-file", None, "the file is empty", hint="Write at least `version: 1`.")
        return self.root

    def _scalar(self, event: Any) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        text: str = event.value
        mark = event.start_mark
        node = Scalar(
            text, resolve_scalar(text) if event.implicit[0] else text, mark.line + 1, mark.column + 1
        )
        if "\0" in text:
            self.reporter.error(
                "control-character", node, "text can't hold the character U+0000", hint="Remove the `\\0`."
            )
        if event.anchor:
            self.anchors[event.anchor] = (node, 1)
        self._add(node, 1)

    def _start(self, event: Any, node: Sequence | Mapping) -> None:
        if event.tag is not None:
            self._refuse_tag(event)
        if len(self.stack) >= MAX_DEPTH:
            self._give_up(
                "too-deep",
                event,
                f"the file nests more than {MAX_DEPTH} levels deep",
                "Move the inner rules into a segment of their own and use it with `segment: name`.",
            )
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(node, event.anchor))

    def _end(self) -> None:
        done = self.stack.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.node, done.size)
        self._add(done.node, done.size)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self.anchors:
            known = list(self.anchors)
            hint = (
                correction(name, known)
                or f"Write `&{name}` before the value that is meant, above this place."
            )
            self._give_up(
                "unknown-alias", event, f"the alias `*{name}` has no anchor `&{name}` above it", hint
            )
        anchored = self.anchors[name]
        if anchored is None:
            self._give_up(
                "recursive-alias", event, f"the alias `*{name}` is inside of what it repeats", "Write it out."
            )
        node, size = anchored
        self.aliased += size
        if self.aliased > MAX_ALIASED_NODES:
            self._give_up(
                "too-many-aliases",
                event,
                f"aliases repeat more than {MAX_ALIASED_NODES} values",
                "Repeat less: name a common rule as a segment or an attribute.",
            )
        self._add(node, size)

    def _add(self, node: Node, size: int) -> None:
        """Put a finished node where it belongs: the root, the list, or as key or value of the mapping."""
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += size
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is None:
            top.key = self._key(node)
        else:
            key, top.key = top.key, None
            first = top.lines.get(key.text)
            if key.text in _NO_KEYS:
                pass
            elif first is None:
                top.lines[key.text] = key.line
                top.node.entries.append((key, node))
            else:
                self.reporter.error(
                    "duplicate-key",
                    key,
                    f"the key {quoted(key.text)} stands here a second time, first in line {first}",
                    hint="Rename one, or remove it. To test one thing twice, write two entries below `all:`.",
                )

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            self.reporter.error(
                "key",
                node,
                f"a {'list' if isinstance(node, Sequence) else 'mapping'} can't be a key",
                hint="A key is a word. Braces around a text make it a mapping: quote the text.",
            )
            return Scalar("", None, node.line, node.column)
        if node.text == "<<":
            self.reporter.error(
                "merge-key",
                node,
                "`<<` is not part of YAML 1.2",
                hint="Write the keys out, or use an alias for the whole value: `key: *name`.",
            )
        elif not node.text:
            self.reporter.error("key", node, "a key is empty", hint="Write a word before the `:`.")
        return node

    def _refuse_tag(self, event: Any) -> None:
        self.reporter.error(
            "tag",
            Place(*_place(event)),
            f"the tag {quoted(event.tag)} is not part of the language",
            hint="Leave it out. Quotes make a value text.",
        )

    def _give_up(self, code: str, event: Any, found: str, hint: str) -> NoReturn:
        self.reporter.error(code, Place(*_place(event)), found, hint=hint)
        raise _GivenUpError


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
