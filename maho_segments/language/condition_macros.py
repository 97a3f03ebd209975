"""The project's own conditions: which macros there are, and which arguments each reads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_COMMENT: Final = re.compile(r"\{#.*?#\}", re.DOTALL)
_MACRO: Final = re.compile(r"\bmacro\s+condition_(\w+)\s*\(\s*(\w*)(.*?)\bendmacro\b", re.DOTALL)

Conditions = Mapping[str, tuple[str, ...] | None]
"""Names of conditions, with the names of their arguments; None where a macro may read any."""


def read_conditions(project_dir: Path) -> Conditions:
    """The conditions that the project has macros for."""
    paths = sorted((project_dir / "macros").rglob("*.sql"))
    sources = (_COMMENT.sub("", path.read_text("utf-8", "replace")) for path in paths)
    return {
        name: _arguments(parameter, body)
        for source in sources
        for name, parameter, body in _MACRO.findall(source)
    }


def _arguments(parameter: str, body: str) -> tuple[str, ...] | None:
    """What the macro's body reads of its first parameter; None where that may be more than single names."""
    if not parameter or re.search(r"\b(varargs|kwargs)\b", body):
        return None
    read = re.findall(
        rf"\b{parameter}\b(?:\.(\w+)\b(?!\s*\()|\[\s*['\"](\w+)['\"]\s*\]|\.get\(\s*['\"](\w+)['\"])?", body
    )
    names = ["".join(found) for found in read]
    return tuple(dict.fromkeys(names)) if all(names) else None
