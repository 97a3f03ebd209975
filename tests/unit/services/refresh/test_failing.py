"""Which segments are to blame when a refresh fails."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from maho_segments.services.refresh.failing import find_failing


@st.composite
def failing_projects(draw: st.DrawFn) -> tuple[dict[str, list[str]], set[str]]:
    """What segments refer to, and those that fail by themselves."""
    references: dict[str, list[str]] = {}
    for number in range(draw(st.integers(1, 30))):
        earlier = st.lists(st.sampled_from(sorted(references)), max_size=2, unique=True)
        references[f"s{number:02}"] = draw(earlier) if references else []
    culprits = draw(st.sets(st.sampled_from(sorted(references)), max_size=4))
    return references, culprits


@given(failing_projects())
def test_exactly_the_culprits_and_those_that_refer_to_them_fail(
    project: tuple[dict[str, list[str]], set[str]],
) -> None:
    references, culprits = project
    levels: dict[str, int] = {}
    for name, used in references.items():
        levels[name] = 1 + max((levels[other] for other in used), default=-1)
    spoiled: set[str] = set()
    for name, used in references.items():
        if name in culprits or spoiled.intersection(used):
            spoiled.add(name)
    probes = []

    def probe(names: Sequence[str]) -> str | None:
        probes.append(names)
        wrong = sorted(culprits.intersection(names))
        return f"{wrong[0]} divides by zero" if wrong else None

    segments = [
        {"name": name, "references": used, "level": levels[name]} for name, used in references.items()
    ]
    failing = find_failing(segments, probe)

    assert set(failing) == spoiled
    own = {name for name, error in failing.items() if not error.startswith("It refers to")}
    assert own == {name for name in culprits if not spoiled.intersection(references[name])}
    assert all(failing[name] == f"{name} divides by zero" for name in own)
    assert len(probes) <= 2 + len(culprits) * (len(segments).bit_length() + 1)


def test_nobody_is_to_blame_where_even_nothing_can_be_asked() -> None:
    segments = [{"name": name, "references": [], "level": 0} for name in ("a", "b", "c")]

    assert find_failing(segments, lambda names: "profiles are missing") == {}
