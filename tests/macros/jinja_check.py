"""Reads the project's Jinja the way dbt does, and finds what dbt silently renders as nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dbt.include.global_project
import dbt.include.postgres
from dbt_common.clients.jinja import get_environment
from jinja2 import nodes
from jinja2.defaults import DEFAULT_NAMESPACE

JINJA_GLOBALS = frozenset(DEFAULT_NAMESPACE) | {"caller", "varargs", "kwargs", "loop"}

# dbt's names for a macro or test all start so; it adds the prefix while it parses the block.
PREFIXES = ("dbt_macro__",)

# What dbt puts into the context of a model, macro, hook or operation, as far as the project uses it:
# https://docs.getdbt.com/reference/dbt-jinja-functions
DBT_CONTEXT = frozenset(
    {
        "adapter", "config", "context", "env_var", "exceptions", "execute", "flags", "fromjson", "graph",
        "invocation_id", "local_md5", "log", "load_result", "model", "modules", "post_hooks", "pre_hooks",
        "ref", "return", "results", "run_started_at", "should_revoke", "source", "sql", "statement", "target",
        "this", "tojson", "var", "api",
    }
)  # fmt: skip


@dataclass(frozen=True)
class MacroFile:
    """One parsed template: a macro file, a model or a data test."""

    path: Path
    template: nodes.Template

    def macros(self) -> Iterator[tuple[str, nodes.Macro]]:
        """The macros it defines, by the names people call them by."""
        for macro in self.template.find_all(nodes.Macro):
            name = macro.name
            for prefix in PREFIXES:
                name = name.removeprefix(prefix)
            yield name, macro


def parse(path: Path) -> MacroFile:
    """The file's syntax tree; a `TemplateSyntaxError` names the line where it is broken."""
    return MacroFile(path, get_environment(None).parse(path.read_text(encoding="utf-8")))


def dbt_macros() -> frozenset[str]:
    """Names of the macros that dbt and its PostgreSQL adapter bring along."""
    found: set[str] = set()
    for package in (dbt.include.global_project, dbt.include.postgres):
        for folder in (
            package.__path__ if hasattr(package, "__path__") else [str(Path(package.__file__ or "").parent)]
        ):
            for path in Path(folder, "macros").rglob("*.sql"):
                found.update(name for name, _ in parse(path).macros())
    return frozenset(found)


def unknown_names(file: MacroFile, known: frozenset[str]) -> list[str]:
    """Names the file reads that neither it, the project nor dbt defines: Jinja renders them as nothing."""
    macros = [macro for _, macro in file.macros()]
    body = [part for part in file.template.body if part not in macros]
    unknown: set[str] = set()
    for scope in [*macros, nodes.Template(body)]:
        names = list(scope.find_all(nodes.Name))
        defined = {node.name for node in names if node.ctx in ("store", "param")}
        defined |= {node.name for node in scope.find_all(nodes.Macro)}
        unknown |= {node.name for node in names if node.ctx == "load"} - defined
    return sorted(unknown - known - JINJA_GLOBALS)


def unused_arguments(file: MacroFile) -> list[str]:
    """`macro.argument` for each argument that its macro never reads."""
    unused = []
    for name, macro in file.macros():
        if name.startswith("materialization_"):  # dbt writes its arguments
            continue
        read = {node.name for part in macro.body for node in part.find_all(nodes.Name) if node.ctx == "load"}
        read |= {part.name for part in macro.body if isinstance(part, nodes.Name)}
        unused += [f"{name}.{argument.name}" for argument in macro.args if argument.name not in read]
    return unused


def wrong_calls(file: MacroFile, signatures: dict[str, nodes.Macro]) -> list[str]:
    """Calls of the project's macros with too many, too few, or unknown arguments."""
    wrong = []
    for call in file.template.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in signatures:
            continue
        if call.dyn_args is not None or call.dyn_kwargs is not None:
            continue
        arguments = [argument.name for argument in signatures[call.node.name].args]
        required = arguments[: len(arguments) - len(signatures[call.node.name].defaults)]
        named = [keyword.key for keyword in call.kwargs]
        given = arguments[: len(call.args)] + named
        if len(call.args) > len(arguments) or set(named) - set(arguments) or set(required) - set(given):
            signature = f"{call.node.name}({', '.join(arguments)})"
            wrong.append(f"{signature} called with {len(call.args)} values and {named}, line {call.lineno}")
    return wrong
