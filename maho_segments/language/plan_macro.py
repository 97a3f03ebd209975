"""The plan as the macro that hands it to Jinja: generated, committed, written only when something changed.

Jinja in dbt can't open files, and strings in properties files would be rendered, so a macro returns the plan.
"""

import json
import re
from pathlib import Path

from maho_segments.language.check import check_project
from maho_segments.language.plan import compile_plan
from maho_segments.language.plan_json import Json
from maho_segments.language.writing import write_file

PLAN_PATH = Path("macros", "segments", "_generated", "segment_plan.sql")
_BEFORE = (
    "{# Written by `segments build` from segments.yml and attributes.yml: edit these. #}\n"
    "{% macro segment_plan() -%}\n"
    "    {{ return(dict("
)
# While segments fail, their features are left out with them: the variable has what then stands in the plan.
_AFTER = ", **var('plan_without_failed', {}))) }}\n{%- endmacro %}\n"

_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')
_OF_JINJA = re.compile(r"[{}%#']")


def render_plan_macro(plan: Json) -> str:
    """The macro file of a plan."""
    return _BEFORE + plan_expression(plan) + _AFTER


def plan_expression(plan: Json) -> str:
    """The plan in Jinja, one feature, clock or segment per line; any text in it comes back as it was."""
    text = _STRING.sub(_escaped_string, _laid_out(plan))
    # Two closing braces end an expression of Jinja for whoever looks for them without reading its strings.
    text = re.sub(r"\}(?=\})", "} ", text)
    escaped = text.replace("\\", "\\\\")
    return f"fromjson('{escaped}')"


def write_plan(project_dir: Path, plan: Json) -> bool:
    """Write the plan's macro; True when that changed the file. Readers see the old file or the new one.

    Raises SegmentsError when it can't be written.
    """
    path = project_dir / PLAN_PATH
    text = render_plan_macro(plan)
    if _read(path) == text:
        return False
    write_file(path, text, "The plan")
    return True


def plan_is_stale(project_dir: Path) -> bool:
    """Whether the committed plan is not that of the files; raises DefinitionsError when they are wrong."""
    return _read(project_dir / PLAN_PATH) != render_plan_macro(compile_plan(check_project(project_dir)))


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("ascii", "replace")
    except OSError:
        return None


def _escaped_string(string: re.Match[str]) -> str:
    return _OF_JINJA.sub(lambda letter: f"\\u{ord(letter[0]):04x}", string[0])


def _laid_out(plan: Json) -> str:
    """The plan as JSON whose lines are features, clocks and segments, so that a diff shows what changed."""
    relations, clocks, segments = plan["relations"], plan["clocks"], plan["segments"]
    assert isinstance(relations, dict)
    assert isinstance(clocks, list)
    assert isinstance(segments, list)
    settings = {key: value for key, value in plan.items() if key not in {"relations", "clocks", "segments"}}
    lines = [f'{json.dumps(settings)[:-1]}, "relations": {{']
    for index, (name, relation) in enumerate(relations.items()):
        head = {key: value for key, value in relation.items() if key != "features"}
        comma = "," if index < len(relations) - 1 else ""
        lines += [
            f'{json.dumps(name)}: {json.dumps(head)[:-1]}, "features": [',
            ",\n".join(map(json.dumps, relation["features"])),
            f"]}}{comma}",
        ]
    lines += ['}, "clocks": [', ",\n".join(map(json.dumps, clocks))]
    lines += ['], "segments": [', ",\n".join(map(json.dumps, segments)), "]}"]
    return "\n".join(line for line in lines if line)
