"""Advice on segments that are the same as others, or hold all members of others."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator

from maho_segments.language.advice.contradictions import is_too_deep
from maho_segments.language.advice.entries import Entry, Note
from maho_segments.language.advice.facts import Facts
from maho_segments.language.advice.meaning import Meaning
from maho_segments.language.advice.prover import Prover, Situation
from maho_segments.language.advice.texts import surely
from maho_segments.language.problems import quoted
from maho_segments.language.rules import EVERYONE, Segment

_MOST_COMPARED = 60
"""With how many others of the same words a segment is compared: those that stand nearest in the file."""
_MOST_PROOFS = 6
"""For how many of them the rules themselves are compared."""
_MOST_NAMED = 3


def twins(entries: dict[str, Entry]) -> Iterator[tuple[Entry, Note]]:
    """Segments that are the same as an earlier one, and segments that hold all members of others."""
    candidates = {
        name: entry
        for name, entry in entries.items()
        if entry.segment and entry.segment.is_active and not is_too_deep(entry.segment.match)
    }
    if not candidates:
        return
    meaning = next(iter(candidates.values())).meaning
    originals: dict[Hashable, str] = {}
    for name in _in_order_of_use(candidates):
        segment = candidates[name].segment
        assert segment is not None
        first = originals.setdefault(_identity(meaning, segment), name)
        if first != name:
            meaning.keys.same_as[name] = first
    for name, entry in candidates.items():
        if name in meaning.keys.same_as:
            yield entry, _same(entry, entries[meaning.keys.same_as[name]])
    different = {name: entry for name, entry in candidates.items() if name not in meaning.keys.same_as}
    yield from _containing(meaning, different)


def _same(entry: Entry, other: Entry) -> Note:
    return Note(
        "same-segment",
        entry.start,
        f"it has the same members as {quoted(other.name)} (line {other.start.line})",
        f"Remove one, or write `match: {{ segment: {other.name} }}` if it is meant to follow the other.",
    )


def _identity(meaning: Meaning, segment: Segment) -> Hashable:
    groups = frozenset(map(surely, segment.customer_groups or ()))
    websites = frozenset(map(surely, segment.websites or ()))
    rule = meaning.literals(segment.time_zone).identities.rule(segment.match)
    return rule, segment.audience, groups, websites


def _in_order_of_use(entries: dict[str, Entry]) -> list[str]:
    """The segments, each after those that it names."""
    order: dict[str, None] = {}
    waiting = list(reversed(entries))
    while waiting:
        segment = entries[waiting[-1]].segment
        missing = (
            [name for name in segment.references if name in entries and name not in order] if segment else []
        )
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    return list(order)


# ---- one holds another -----------------------------------------------------------------------------------


class _Candidate:
    """A segment and what is known of its members."""

    def __init__(self, entry: Entry, segment: Segment, situation: Situation) -> None:
        self.entry = entry
        self.segment = segment
        self.situation = situation
        counts = entry.meaning.keys.counts
        # Different rows of one relation may be among each other: they count as one word.
        self.words: frozenset[Hashable] = frozenset(
            counts[key][0].relation if key in counts else key for key in situation
        )


def _containing(meaning: Meaning, entries: dict[str, Entry]) -> Iterator[tuple[Entry, Note]]:
    prover = Prover(meaning, EVERYONE)
    found: list[_Candidate] = []
    for entry in entries.values():
        assert entry.segment is not None
        situation = prover.situation(meaning.segment(entry.segment, is_in=True))
        if situation is not None:
            found.append(_Candidate(entry, entry.segment, situation))
    count = Counter(word for candidate in found for word in candidate.words)
    by_word: dict[Hashable, list[_Candidate]] = defaultdict(list)
    places: dict[tuple[Hashable, str], int] = {}
    for candidate in found:
        for word in candidate.words:
            places[word, candidate.entry.name] = len(by_word[word])
            by_word[word].append(candidate)
    told: set[frozenset[str]] = set()
    for candidate in found:
        rarest = min(candidate.words, key=lambda word: count[word], default=None)
        if rarest is None:
            continue
        place = places[rarest, candidate.entry.name]
        others = by_word[rarest][max(place - _MOST_COMPARED // 2, 0) : place + _MOST_COMPARED // 2]
        yield from _notes(prover, candidate, others, told, entries)


def _notes(
    prover: Prover,
    whole: _Candidate,
    others: list[_Candidate],
    told: set[frozenset[str]],
    entries: dict[str, Entry],
) -> Iterator[tuple[Entry, Note]]:
    meaning = whole.entry.meaning
    inside: list[str] = []
    proofs = 0
    for part in others:
        pair = frozenset((part.entry.name, whole.entry.name))
        if part is whole or pair in told or not _may_be_in(part, whole) or _is_said(part, whole, entries):
            continue
        proofs += 1
        if proofs > _MOST_PROOFS or len(inside) > _MOST_NAMED:
            break
        outside = meaning.segment(whole.segment, is_in=False)
        if not prover.is_impossible(meaning.segment(part.segment, is_in=True), outside):
            continue
        if _may_be_in(whole, part) and prover.is_impossible(
            meaning.segment(whole.segment, is_in=True), meaning.segment(part.segment, is_in=False)
        ):
            told.add(pair)
            first, second = sorted((part, whole), key=lambda one: one.entry.start.line)
            yield second.entry, _same(second.entry, first.entry)
        else:
            inside.append(part.entry.name)
    if inside:
        name = whole.entry.name
        yield (
            whole.entry,
            Note(
                "contains-segment",
                whole.entry.start,
                f"everybody in {_listed(inside)} is in {quoted(name)} too, and no rule says so",
                f"Write `segment: {name}` there in place of what both ask, so that one definition is enough.",
            ),
        )


def _may_be_in(part: _Candidate, whole: _Candidate) -> bool:
    """Whether it is worth a proof: the part asks of all that the whole asks of, and more narrowly."""
    if not whole.words <= part.words:
        return False
    counts = part.entry.meaning.keys.counts
    return all(
        key in counts or key not in part.situation or _is_within(part.situation[key], facts)
        for key, facts in whole.situation.items()
    )


def _is_within(narrow: Facts, wide: Facts) -> bool:
    if narrow.is_maybe_missing and not wide.is_maybe_missing:
        return False
    return all(
        not (narrow.axes[axis] & ~numbers)
        for axis, numbers in wide.axes.items()
        if axis in narrow.axes and narrow.is_maybe_present
    )


def _is_said(part: _Candidate, whole: _Candidate, entries: dict[str, Entry]) -> bool:
    """Whether one of them names the other, or both name a third one that may say it."""
    return not _named(part.segment, entries).isdisjoint(_named(whole.segment, entries))


def _named(segment: Segment, entries: dict[str, Entry]) -> set[str]:
    """The segment, those it names, and those that they name."""
    seen = {segment.name}
    waiting = list(segment.references)
    while waiting:
        reference = waiting.pop()
        if reference not in seen:
            seen.add(reference)
            other = entries[reference].segment if reference in entries else None
            waiting += other.references if other else ()
    return seen


def _listed(names: list[str]) -> str:
    shown = [quoted(name) for name in names[:_MOST_NAMED]]
    return ", ".join(shown) + (" and others" if len(names) > len(shown) else "")
