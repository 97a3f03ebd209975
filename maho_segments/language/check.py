"""Checking a whole project: vocabulary, attributes.yml and segments.yml, with all problems at once."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from maho_segments.errors import DefinitionsError, Problem
from maho_segments.language.attributes_file import read_attributes
from maho_segments.language.condition_macros import read_conditions
from maho_segments.language.plain import plain_value
from maho_segments.language.problems import Reporter
from maho_segments.language.project import ATTRIBUTES_FILE, SEGMENTS_FILE, Project
from maho_segments.language.properties import load_vocabulary
from maho_segments.language.rules import Attribute, Segment
from maho_segments.language.scopes import AnyName, ProfileScope
from maho_segments.language.segments_file import SegmentsReader
from maho_segments.language.vocabulary import Vocabulary
from maho_segments.language.yaml_reader import Mapping, Node, Scalar, read_yaml


def check_project(project_dir: Path) -> Project:
    """The checked project of a folder; raises DefinitionsError with all problems of all its files."""
    reporters: list[Reporter] = []
    vocabulary = load_vocabulary(project_dir, reporters)
    if vocabulary is None:
        raise DefinitionsError(_all_problems(reporters))
    attributes_reporter = Reporter(ATTRIBUTES_FILE)
    reporters.append(attributes_reporter)
    attributes, scope = _read_attributes(project_dir, vocabulary, attributes_reporter)
    reporter = Reporter(SEGMENTS_FILE)
    reporters.append(reporter)
    # Read once, and only if some segment names one.
    reader = SegmentsReader(scope, reporter, cache(lambda: read_conditions(project_dir)))
    root = _read_file(project_dir / SEGMENTS_FILE, reporter)
    segments = reader.read_file(root) if root else {}
    if isinstance(root, Mapping):
        _name_segments(root, reporter)
    problems = _all_problems(reporters)
    if problems:
        raise DefinitionsError(problems)
    return Project(
        directory=project_dir,
        vocabulary=vocabulary,
        attributes=attributes,
        segments=segments,
        defaults=reader.defaults,
        guest_orders=reader.guest_orders,
        segment_places=reporter.places,
        attribute_places=attributes_reporter.places,
    )


def check_rule(project: Project, name: str, text: str, path: str) -> Segment:
    """A segment that is in no file: `text` is a rule, or a segment's mapping with its `match`.

    The mapping may stand below the segment's name, as in the file. It takes over the defaults of
    segments.yml. Raises DefinitionsError with all its problems.
    """
    reporter = Reporter(path)
    scope = ProfileScope(project.vocabulary, {key: item.type for key, item in project.attributes.items()})
    reader = SegmentsReader(scope, reporter, lambda: read_conditions(project.directory))
    reader.defaults = project.defaults
    segment = None
    if not text.strip():
        hint = "Write a rule, such as `orders: {}`, or a segment with its `match`."
        reporter.error("empty-file", None, "there is no rule", hint=hint)
        raise DefinitionsError(reporter.problems)
    node = read_yaml(text.encode("utf-8", "surrogateescape"), reporter)
    if node is not None:
        node = _pasted(node, reporter)
        if not isinstance(node, Mapping) or node.get("match") is None:
            node = Mapping([(Scalar("match", "match", node.line, node.column), node)], node.line, node.column)
        segment = reader.read_segment(Scalar(name, name, node.line, node.column), node)
        for reference in reader.references.get(name, ()):
            if reference.text not in project.segments:
                reader.report_unknown(reference, project.segments)
            elif not project.segments[reference.text].is_active:
                reader.report_inactive(reference)
    if segment is None or reporter.problems:
        raise DefinitionsError(_all_problems([reporter]))
    return segment


def _pasted(node: Node, reporter: Reporter) -> Node:
    """The mapping of a segment that was copied out of a file with its name, or with `segments:` as well."""
    if isinstance(node, Mapping) and isinstance(inner := node.get("segments"), Mapping):
        node = inner
    segments = [value for _, value in node.entries] if isinstance(node, Mapping) else []
    if not segments or not all(isinstance(one, Mapping) and one.get("match") is not None for one in segments):
        return node
    if len(segments) > 1:
        hint = "Give one of them, or name one of the project's."
        reporter.error("several-segments", node, f"{len(segments)} segments, one is wanted", hint=hint)
    return segments[0]


def check_additions(project: Project, *, segments: str, attributes: str, path: str) -> dict[str, Segment]:
    """The segments of a file's text, checked together with attributes that the project does not have yet.

    Both are text that a program wrote for a person to take over. Raises DefinitionsError with all problems.
    """
    reporter = Reporter(path)
    added = read_yaml(attributes.encode(), reporter)
    entries = [entry for root in (_own_attributes(project), added) for entry in _attribute_entries(root)]
    merged = Mapping([(Scalar("attributes", "attributes", 1, 1), Mapping(entries, 1, 1))], 1, 1)
    _, scope = read_attributes(merged, project.vocabulary, reporter)
    reader = SegmentsReader(scope, reporter, lambda: read_conditions(project.directory))
    root = read_yaml(segments.encode(), reporter)
    found = reader.read_file(root) if root else {}
    if reporter.problems:
        raise DefinitionsError(_all_problems([reporter]))
    return found


def attributes_as_written(project: Project) -> dict[str, object]:
    """The entries of the project's attributes.yml as plain values."""
    return {key.text: plain_value(node) for key, node in _attribute_entries(_own_attributes(project))}


def _own_attributes(project: Project) -> Node | None:
    path = project.directory / ATTRIBUTES_FILE
    return _read_file(path, Reporter(ATTRIBUTES_FILE)) if path.exists() else None


def _attribute_entries(root: Node | None) -> list[tuple[Scalar, Node]]:
    attributes = root.get("attributes") if isinstance(root, Mapping) else None
    return attributes.entries if isinstance(attributes, Mapping) else []


# ---- files -------------------------------------------------------------------------------------------------


def _read_attributes(
    project_dir: Path, vocabulary: Vocabulary, reporter: Reporter
) -> tuple[dict[str, Attribute], ProfileScope]:
    path = project_dir / ATTRIBUTES_FILE
    if not path.exists():
        return {}, ProfileScope(vocabulary, {})
    root = _read_file(path, reporter)
    if root is None:
        # Any name may be one of its attributes: that the file can't be read is told once.
        return {}, ProfileScope(vocabulary, {}, AnyName())
    return read_attributes(root, vocabulary, reporter)


def _read_file(path: Path, reporter: Reporter) -> Node | None:
    try:
        source = path.read_bytes()
    except OSError as error:
        reporter.error(
            "unreadable",
            None,
            f"the file can't be read: {error.strerror}",
            hint=f"It belongs into the project's folder, {path.parent}.",
        )
        return None
    return read_yaml(source, reporter)


# ---- problems ----------------------------------------------------------------------------------------------


def _name_segments(root: Mapping, reporter: Reporter) -> None:
    """Say of problems found while the YAML was read whose segment they are in."""
    node = root.get("segments")
    starts = [(key.line, key.text) for key, _ in node.entries] if isinstance(node, Mapping) else []
    after = min((key.line for key, _ in root.entries if starts and key.line > starts[-1][0]), default=None)
    if after:
        starts.append((after, ""))
    for index, problem in enumerate(reporter.problems):
        if problem.segment is None and problem.line:
            owner = next((name for line, name in reversed(starts) if line <= problem.line), "")
            reporter.problems[index] = replace(problem, segment=owner or None)


def _all_problems(reporters: list[Reporter]) -> list[Problem]:
    """All problems, file by file, each file's in the order of its lines."""
    return [
        problem
        for reporter in reporters
        for problem in sorted(reporter.problems, key=lambda problem: (problem.line, problem.column))
    ]
