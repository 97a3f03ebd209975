"""Advice can be silenced by its code, each code is documented, and the shipped segments give none."""

import re
from pathlib import Path

import pytest

from maho_segments.errors import DefinitionsError
from maho_segments.language import advise, check_project, compile_plan
from maho_segments.language.advice_codes import ADVICE
from tests.unit.language.small_project import Files

ROOT = Path(__file__).resolve().parents[4]
PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
NEGATIVE = "match: { email: { ne: a } }"


def codes(files: Files, text: str) -> list[tuple[str | None, str]]:
    return [(problem.segment, problem.code) for problem in advise(files.check(text))]


def test_silenced_code_is_not_told_of_that_segment(files: Files) -> None:
    text = f"""
        version: 1
        segments:
          loud: {{ {NEGATIVE} }}
          calm: {{ silence: [missing-values, same-segment], {NEGATIVE} }}
        """
    assert codes(files, text) == [("loud", "missing-values")]


def test_defaults_silence_for_all_and_are_never_needless(files: Files) -> None:
    text = f"""
        version: 1
        defaults: {{ silence: missing-values }}
        segments:
          one: {{ {NEGATIVE} }}
          other: {{ match: {{ gender: b }} }}
        """
    assert codes(files, text) == []


def test_needless_silence_is_told_at_the_code(files: Files) -> None:
    project = files.check("version: 1\nsegments:\n  one: { silence: [never-true], match: { email: a } }\n")
    (problem,) = advise(project)
    assert (problem.code, problem.line, problem.column) == ("needless-silence", 3, 20)


def test_attribute_can_silence_too(files: Files) -> None:
    entry = "a: { type: number, silence: no-description, orders: { count: true } }"
    files.write("attributes.yml", f"attributes: {{ {entry} }}")
    assert codes(files, "version: 1\nsegments: { one: { match: { a: 5 } } }\n") == []


@pytest.mark.parametrize("where", ["defaults", "segment", "attribute"])
def test_unknown_code_is_an_error_with_the_nearest(files: Files, where: str) -> None:
    silence = {name: "silence: [never-tru], " if name == where else "" for name in ("defaults", "segment")}
    if where == "attribute":
        entry = "a: { type: number, description: A., silence: never-tru, orders: { count: true } }"
        files.write("attributes.yml", f"attributes: {{ {entry} }}")
    with pytest.raises(DefinitionsError) as raised:
        files.check(
            f"version: 1\ndefaults: {{ {silence['defaults']} priority: 1 }}\n"
            f"segments:\n  one: {{ {silence['segment']} match: {{ email: a }} }}\n"
        )
    (problem,) = raised.value.problems
    assert "never-tru" in problem.found
    assert problem.allowed[0] == "never-true"


def test_silence_does_not_change_what_a_segment_means(files: Files) -> None:
    hashes = set()
    for silence in ("", "silence: missing-values, "):
        plan = compile_plan(files.check(f"version: 1\nsegments: {{ one: {{ {silence}{NEGATIVE} }} }}\n"))
        hashes.add(str(plan["segments"]).partition("definition_hash")[2][:80])
    assert len(hashes) == 1


def test_shipped_definitions_give_no_advice() -> None:
    assert [str(problem) for problem in advise(check_project(ROOT))] == []


def advice_table() -> dict[str, str]:
    section = PAGE.partition("## Advice\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| (.+) \|$", section, re.MULTILINE)
    return dict(rows)


def test_every_code_is_documented() -> None:
    assert list(advice_table()) == list(ADVICE)


@pytest.mark.parametrize("code", [code for code, example in advice_table().items() if example[0] == "`"])
def test_documented_example_gives_its_advice(tmp_path: Path, code: str) -> None:
    for name in ("models", "macros", "attributes.yml"):
        (tmp_path / name).symlink_to(ROOT / name)
    entry = advice_table()[code].split("`")[1]
    (tmp_path / "segments.yml").write_text(f"version: 1\nsegments: {{ example: {{ {entry} }} }}\n")
    assert code in [problem.code for problem in advise(check_project(tmp_path))]
