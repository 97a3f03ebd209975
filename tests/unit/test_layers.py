"""Who may use whom: the layers of the Python package, the dbt models and the macros."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "maho_segments"

# Each layer with those it may import from, itself aside.
PYTHON_LAYERS = {
    "errors": set(),
    "language": {"errors"},
    "warehouse": {"errors"},
    "shop": {"errors", "warehouse"},
    "importing": {"errors", "language", "shop"},
    "services": {"errors", "language", "warehouse", "shop", "importing"},
    "cli": {"errors", "language", "warehouse", "shop", "importing", "services"},
}

MODEL_LAYERS = ["staging", "refresh", "identities", "relations", "membership", "marts"]
MODELS = sorted((PROJECT / "models").rglob("*.sql"))
LAYER_OF_MODEL = {path.stem: path.relative_to(PROJECT / "models").parts[0] for path in MODELS}

MACRO_LAYERS = {
    "sql": {"sql"},
    "maho": {"sql", "maho"},
    "capture": {"sql", "maho", "capture"},
    "segments": {"sql", "segments", "clock"},
    "clock": {"sql", "segments", "clock"},
    "incremental": {"sql", "maho", "capture", "segments", "clock", "incremental"},
}


def imported_layers(path: Path) -> set[str]:
    """The parts of the package that a module imports, at its top or inside a function."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return {module.split(".")[1] for module in modules if module.startswith("maho_segments.")}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_module_imports_from_lower_layers_only(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if layer == "__init__":
        assert imported_layers(path) == set()
    else:
        assert imported_layers(path) - {layer} <= PYTHON_LAYERS[layer]


def test_nothing_but_orchestration_knows_orchestration_or_dagster() -> None:
    """The command line, and whatever else refreshes, works where Dagster is not installed."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (orchestration|dagster)", text, flags=re.MULTILINE), path


def test_orchestration_uses_the_services_and_what_dagster_publishes() -> None:
    for path in (PROJECT / "orchestration").rglob("*.py"):
        assert "cli" not in imported_layers(path), path
        assert not re.search(r"\bdagster(_dbt)?\._", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_model_reads_its_own_or_lower_layers_only(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    own = MODEL_LAYERS.index(LAYER_OF_MODEL[path.stem])
    for name in re.findall(r"ref\('(\w+)'\)", text):
        assert MODEL_LAYERS.index(LAYER_OF_MODEL[name]) <= own, f"{path.stem} reads {name}, which comes later"
    if LAYER_OF_MODEL[path.stem] != "staging":
        assert not re.search(r"\bsource\(", text), "only staging reads the shop's tables"


def test_macros_use_lower_layers_only() -> None:
    definitions = {}
    for path in (PROJECT / "macros").rglob("*.sql"):
        parts = path.relative_to(PROJECT / "macros").parts
        if len(parts) > 1:
            for name in re.findall(r"{%-? macro (\w+)", path.read_text(encoding="utf-8")):
                definitions[name] = parts[0]
    for path in (PROJECT / "macros").rglob("*.sql"):
        layer = path.relative_to(PROJECT / "macros").parts[0]
        if layer not in MACRO_LAYERS:
            continue
        for name in re.findall(r"\b(\w+)\(", path.read_text(encoding="utf-8")):
            if name in definitions:
                assert definitions[name] in MACRO_LAYERS[layer], (
                    f"{path.name} of {layer} calls {name} of {definitions[name]}"
                )


def test_no_model_reads_the_clock() -> None:
    """How fresh the shop's rows are is asked of the clock; what they mean is not."""
    rendering = [
        path
        for layer in ("sql", "segments", "incremental")
        for path in (PROJECT / "macros" / layer).rglob("*.sql")
    ]
    for path in [*MODELS, *rendering]:
        code = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(
            r"\b(now\(\)|current_timestamp|current_date|localtimestamp)", code, flags=re.IGNORECASE
        ), path


def test_the_reference_evaluator_knows_rules_and_nothing_that_makes_sql() -> None:
    """It shares with the macros what the YAML means, not how it is compiled, nor the database."""
    found = set()
    for path in (PROJECT / "tests/reference").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.module, path
                names = [node.module]
            found |= {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    others = {name for name in found if not name.startswith("tests.reference")}
    assert others == {"maho_segments.language.project", "maho_segments.language.rules"}
