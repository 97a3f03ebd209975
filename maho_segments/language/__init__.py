"""The segment language: reading, checking and compiling segments.yml and attributes.yml."""

from maho_segments.language.advice import advise
from maho_segments.language.check import attributes_as_written, check_additions, check_project
from maho_segments.language.json_schema import json_schema
from maho_segments.language.plan import compile_plan, compile_preview, compile_selection
from maho_segments.language.plan_macro import (
    PLAN_PATH,
    plan_expression,
    plan_is_stale,
    render_plan_macro,
    write_plan,
)
from maho_segments.language.project import ATTRIBUTES_FILE, SEGMENTS_FILE, Project
from maho_segments.language.properties import read_vocabulary
from maho_segments.language.rules import Segment
from maho_segments.language.vocabulary import Vocabulary
from maho_segments.language.words import in_words

__all__ = [
    "ATTRIBUTES_FILE",
    "PLAN_PATH",
    "SEGMENTS_FILE",
    "Project",
    "Segment",
    "Vocabulary",
    "advise",
    "attributes_as_written",
    "check_additions",
    "check_project",
    "compile_plan",
    "compile_preview",
    "compile_selection",
    "in_words",
    "json_schema",
    "plan_expression",
    "plan_is_stale",
    "read_vocabulary",
    "render_plan_macro",
    "write_plan",
]
