"""Advice on definitions that are valid and yet probably not what is meant. Its codes can be silenced."""

from collections.abc import Iterator

from maho_segments.errors import Problem
from maho_segments.language.advice.contradictions import contradictions
from maho_segments.language.advice.entries import Advisor, Entry, Note
from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.advice.prover import Prover
from maho_segments.language.advice.reach import audience, retention
from maho_segments.language.advice.twins import twins
from maho_segments.language.advice.values import (
    descriptions,
    exact_values,
    gone_attributes,
    missing_values,
    unlisted_values,
)
from maho_segments.language.problems import MOST_ALLOWED_WORDS, quoted
from maho_segments.language.project import ATTRIBUTES_FILE, SEGMENTS_FILE, Project
from maho_segments.language.rules import EVERYONE, ProfileType

_ADVISORS: tuple[Advisor, ...] = (
    contradictions,
    missing_values,
    retention,
    unlisted_values,
    gone_attributes,
    audience,
    exact_values,
    descriptions,
)


def advise(project: Project) -> tuple[Problem, ...]:
    """Everything worth a second look in attributes.yml and segments.yml, in the order of the files."""
    meaning = Meaning(project)
    provers: dict[tuple[ProfileType, ...], Prover] = {}
    attributes = {
        name: Entry(
            name,
            project.attribute_places,
            project.attribute_places.named("attribute", name),
            meaning,
            provers.setdefault(EVERYONE, Prover(meaning, EVERYONE)),
            attribute=attribute,
        )
        for name, attribute in project.attributes.items()
    }
    segments = {
        name: Entry(
            name,
            project.segment_places,
            project.segment_places.named("segment", name),
            meaning,
            provers.setdefault(segment.audience, Prover(meaning, segment.audience)),
            segment=segment,
        )
        for name, segment in project.segments.items()
    }
    notes: dict[str, list[Note]] = {name: [] for name in segments}
    for entry, note in twins(segments):
        notes[entry.name].append(note)
    problems: list[Problem] = []
    for name, entry in attributes.items():
        problems += _problems(entry, _notes(entry), project.attributes[name].silence, ATTRIBUTES_FILE)
    for name, entry in segments.items():
        found = [*_notes(entry), *notes[name]]
        problems += _problems(entry, found, project.segments[name].silence, SEGMENTS_FILE)
    return tuple(problems)


def _notes(entry: Entry) -> list[Note]:
    return [note for advisor in _ADVISORS for note in advisor(entry)]


def _problems(entry: Entry, notes: list[Note], silence: tuple[str, ...], path: str) -> Iterator[Problem]:
    """What is not silenced, in the order of the lines, and what is silenced for nothing."""
    given = {note.code for note in notes}
    kind = "segment" if entry.segment else "attribute"
    for code in silence:
        # Defaults may silence what only some segments give.
        at = entry.places.named(kind, entry.name, code)
        if code not in given and code != "needless-silence" and at.line:
            notes.append(
                Note(
                    "needless-silence",
                    at,
                    f"there is no advice {quoted(code)} here",
                    "Remove it from `silence`.",
                )
            )
    shown = (note for note in notes if note.code not in silence)
    whose = entry.name if entry.segment else None
    for note in sorted(shown, key=lambda note: (note.at.line, note.at.column)):
        at = note.at
        yield Problem(
            note.code,
            path,
            at.line,
            at.column,
            whose,
            note.found,
            note.allowed[:MOST_ALLOWED_WORDS],
            note.hint,
            "warning",
            is_advice=True,
            more_allowed=max(len(note.allowed) - MOST_ALLOWED_WORDS, 0),
        )
