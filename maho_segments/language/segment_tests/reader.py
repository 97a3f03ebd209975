"""Checking segment_tests.yml: every word of it is one of the vocabulary, every problem is told at once."""

from collections.abc import Collection
from collections.abc import Mapping as AbstractMapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from maho_segments.errors import DefinitionsError, SegmentsError
from maho_segments.language.literals import describe, read_constant
from maho_segments.language.problems import Reporter, quoted
from maho_segments.language.project import Project
from maho_segments.language.segment_tests.model import Person, SegmentTest, SegmentTests
from maho_segments.language.segment_tests.people import PersonReader
from maho_segments.language.shape_reader import read_shape
from maho_segments.language.shapes import SegmentTestsShape
from maho_segments.language.vocabulary import Vocabulary
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, Sequence, read_yaml

TESTS_FILE = "segment_tests.yml"
TEST_KEYS = ("name", "as_of", "everybody", "in", "out")


def check_tests(project: Project, path: Path) -> SegmentTests:
    """The tests of a file; raises DefinitionsError with its problems, SegmentsError without a file."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise SegmentsError(
            f"The tests can't be read: {path}: {error.strerror}.",
            "docs/testing-segments.md shows how to write them.",
        ) from error
    shown = path.relative_to(project.directory) if path.is_relative_to(project.directory) else path
    reporter = Reporter(str(shown))
    root = read_yaml(source, reporter)
    tests = _TestsReader(project.vocabulary, project.segments, reporter).read(root) if root else []
    if reporter.problems:
        # What is said for everybody is read for each of them, and told once.
        problems = dict.fromkeys(reporter.problems)
        invalid = DefinitionsError(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        invalid.hint = "Nothing was tested. Correct them and run `segments test` again."
        raise invalid
    return SegmentTests(str(shown), tuple(tests))


class _TestsReader:
    def __init__(self, vocabulary: Vocabulary, segments: Collection[str], reporter: Reporter) -> None:
        self.vocabulary = vocabulary
        self.segments = segments
        self.reporter = reporter
        self.zones: AbstractMapping[str, ZoneInfo] = {}

    def read(self, root: Node) -> list[SegmentTest]:
        if not isinstance(root, Mapping):
            hint = "Begin it with `version: 1`, `as_of:` and `tests:`."
            self.reporter.error(
                "file-shape", root, f"{describe(root)} where the file's keys stand", hint=hint
            )
            return []
        shape = read_shape(SegmentTestsShape, root, self.reporter, leave_out=frozenset({"as_of", "tests"}))
        if shape and shape.websites:
            self.zones = {code: ZoneInfo(zone) for code, zone in shape.websites.items()}
        default = self._as_of(root.get("as_of"))
        if root.get("as_of") is None:
            hint = "Write the instant that the segments are asked for: `as_of: 2026-03-15T12:00:00Z`."
            self.reporter.error("missing-key", root, "the key `as_of` is missing", hint=hint)
        node = root.get("tests")
        if not isinstance(node, Mapping) or not node.entries:
            hint = "Write `tests:` and below it `SEGMENT: { in: ..., out: ... }`."
            self.reporter.error("no-tests", node or root, "there are no `tests`", hint=hint)
            return []
        tests: list[SegmentTest] = []
        for key, value in node.entries:
            self.reporter.segment = key.text
            if key.text not in self.segments:
                self.reporter.unknown("unknown-segment", key, "the segment", key.text, self.segments)
            items = value.items if isinstance(value, Sequence) else [value]
            tests += [test for item in items if (test := self._test(key, item, default))]
        self.reporter.segment = None
        return tests

    def _as_of(self, node: Node | None) -> datetime | None:
        if node is None:
            return None
        constant = read_constant(node, "time", "as_of", self.reporter)
        if constant and not isinstance(constant.value, datetime):
            hint = "Write an instant such as 2026-03-15T12:00:00Z."
            self.reporter.error("value-type", node, f"as_of wants a time, not {describe(node)}", hint=hint)
        return constant.value if constant and isinstance(constant.value, datetime) else None

    def _test(self, segment: Scalar, node: Node, default: datetime | None) -> SegmentTest | None:
        if not isinstance(node, Mapping):
            hint = "Write `in:` and `out:` below it, and people below these."
            self.reporter.error("test-shape", node, f"a test is a mapping, not {describe(node)}", hint=hint)
            return None
        for key, _ in node.entries:
            if key.text not in TEST_KEYS:
                is_misplaced = key.text in self._person_keys()
                hint = "It is said of people, below `in` or `out`." if is_misplaced else ""
                self.reporter.unknown("unknown-key", key, "the key of a test", key.text, TEST_KEYS, hint)
        # The rest is read all the same where the instant is wrong, for its own problems.
        as_of = self._as_of(node.get("as_of")) or default or datetime(2000, 1, 1, tzinfo=UTC)
        reader = PersonReader(self.vocabulary, self.zones, as_of, self.reporter)
        mistakes = len(self.reporter.problems)
        common = node.get("everybody")
        people = [
            person
            for word, is_member in (("in", True), ("out", False))
            for person in self._people(node.get(word), word, reader, common, is_member=is_member)
        ]
        if node.get("in") is None and node.get("out") is None:
            hint = "Write `in:`, `out:` or both, and people below them."
            self.reporter.error("test-shape", node, "the test has nobody `in` and nobody `out`", hint=hint)
        if len(self.reporter.problems) == mistakes:
            self._report_alike(people)
        return SegmentTest(segment.text, self._name(node.get("name")), as_of, tuple(people))

    def _report_alike(self, people: list[Person]) -> None:
        """Report who must not be in and is, but for the name, somebody who must."""
        members = {person.content: person for person in people if person.is_member}
        for person in people:
            member = members.get(person.content)
            if member and not person.is_member:
                self.reporter.error(
                    "in-and-out",
                    Scalar(person.name, person.name, person.line, person.column),
                    f"all that is said of {quoted(person.name)}, who must be out, is said of "
                    f"{quoted(member.name)} in line {member.line}, who must be in",
                    hint="Nobody can be both. Remove one of them, or say what makes them different.",
                )

    def _person_keys(self) -> list[str]:
        return [*self.vocabulary.profile.columns, *self.vocabulary.relations]

    def _name(self, node: Node | None) -> str:
        if node is None:
            return ""
        constant = read_constant(node, "text", "name", self.reporter)
        return str(constant.value) if constant else ""

    def _people(
        self, node: Node | None, word: str, reader: PersonReader, common: Node | None, *, is_member: bool
    ) -> list[Person]:
        if node is None:
            return []
        if not isinstance(node, Mapping) or not node.entries:
            self.reporter.error(
                "people",
                node,
                f"{quoted(word)} wants people, each under a name, not {describe(node)}",
                hint=f"Write `{word}: {{ NAME: {{ orders: ... }} }}`.",
            )
            return []
        found = [reader.read(key, value, common, is_member=is_member) for key, value in node.entries]
        return [person for person in found if person]
