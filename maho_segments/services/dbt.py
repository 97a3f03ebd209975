"""The one place that calls dbt: in this process, silently; events are handed on, failures explained."""

import gc
import json
import os
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dbt.artifacts.schemas.run import RunResult
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode

from maho_segments.errors import BuildError
from maho_segments.services.dbt_events import SourceAge, listener, result_event, source_age
from maho_segments.services.progress import NodeEvent, Progress, Silence
from maho_segments.warehouse import ConnectionSettings

# dbt keeps the state of an invocation in globals.
_one_at_a_time = threading.Lock()

# Nothing on the terminal; and no manifest.json, which nobody reads here: writing it takes a good part of the
# time that reading the project does.
_QUIET = (
    "--no-write-json",
    "--log-level",
    "none",
    "--no-print",
    "--no-use-colors",
    "--no-send-anonymous-usage-stats",
)
_SHOP = "maho"
"""The source with the shop's tables; a project may read others beside it."""
_COMMANDS = {
    "parse": "read the project",
    "build": "build",
    "run": "refresh",
    "test": "test",
    "source freshness": "look at the shop's tables",
    "compile": "render the query",
}
_PARSED_FOLDERS = ("models", "macros", "seeds", "tests/dbt")
_PARSED_FILES = ("dbt_project.yml", "profiles.yml")
_PARSED_SUFFIXES = (".sql", ".yml", ".yaml", ".md", ".csv")
_FAILED = ("error", "fail", "runtime error", "partial success")


@dataclass(frozen=True)
class NodeFailure:
    """One model, test or hook that failed: where it is written and what dbt or the database said."""

    name: str
    kind: str
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.path}): {self.message}"


class DbtError(BuildError):
    """dbt could not do what it was asked; `failures` are the nodes to blame, if it came to any."""

    run_id: int | None = None
    """The run of the ledger that ended so, where it came to one."""

    def __init__(self, message: str, hint: str | None = None, failures: tuple[NodeFailure, ...] = ()) -> None:
        super().__init__(message, hint)
        self.failures = failures


@dataclass(frozen=True)
class SourceTable:
    """A table of the shop, and the columns of it that staging reads."""

    schema: str
    name: str
    columns: tuple[str, ...]


class DbtProject:
    """The dbt project of a folder, parsed when its files have changed, and invoked as often as wanted.

    The manifest is parsed without `--vars`, so the partial parse of the last run is good for this one, and
    `as_of` is a variable of the invocation alone. Each target has a target path of its own, because dbt
    parses everything anew when the target changes.
    """

    log_level = "debug"
    """Of the log file."""

    def __init__(self, folder: Path, settings: ConnectionSettings, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._target_path = folder / "target" / settings.target
        self._arguments = [
            "--project-dir", str(folder),
            "--profiles-dir", str(folder),
            "--target", settings.target,
            "--target-path", str(self._target_path),
            "--log-path", str(folder / "logs"),
        ]  # fmt: skip
        self._environ = {**environ, **settings.environ()}
        self._manifest: Manifest | None = None
        self._stamp: frozenset[tuple[str, int, int]] = frozenset()

    def parse(self) -> Manifest:
        """The manifest of the project as its files are now; needs no database. Raises DbtError."""
        stamp = parsed_files(self._folder)
        if self._manifest is None or stamp != self._stamp:
            answer = self._invoke(["parse"], Silence(), manifest=None)
            assert isinstance(answer.result, Manifest)
            self._manifest, self._stamp = answer.result, stamp
        return self._manifest

    def build(
        self,
        *,
        variables: Mapping[str, object],
        full_refresh: bool = False,
        with_tests: bool = True,
        progress: Progress,
    ) -> list[NodeEvent]:
        """Build every model, and test it before the next; raises DbtError with the nodes that failed.

        Seeds (a sample shop) and unit tests (of the models' text, not of the data) are not part of a build.
        """
        command = ["build", "--exclude-resource-type", "seed", "--exclude-resource-type", "unit_test"]
        if full_refresh:
            command.append("--full-refresh")
        if not with_tests:
            command += ["--exclude-resource-type", "test"]
        answer = self._invoke([*command, *_vars(variables)], progress, manifest=self._parsed())
        return [result_event(result) for result in getattr(answer.result, "results", ())]

    def run_models(
        self, models: Sequence[str], *, variables: Mapping[str, object], progress: Progress
    ) -> list[NodeEvent]:
        """Build these models alone, in their order, without tests; raises DbtError with those that failed."""
        command = ["run", "--select", *models, *_vars(variables)]
        answer = self._invoke(command, progress, manifest=self._parsed())
        return [result_event(result) for result in getattr(answer.result, "results", ())]

    def run_tests(self, names: Sequence[str], *, variables: Mapping[str, object], progress: Progress) -> None:
        """Run these tests; what they find is told as they end. Raises DbtError where they can't be run."""
        command = ["test", "--select", *names, *_vars(variables)]
        self._invoke(command, progress, manifest=self._parsed(), may_find=True)

    def source_ages(self) -> list[SourceAge]:
        """How old the newest rows of the shop's tables are, where an age is agreed. Raises DbtError."""
        answer = self._invoke(["source freshness"], Silence(), manifest=self._parsed(), may_find=True)
        # The project's hooks are among the results.
        return [
            source_age(result)
            for result in getattr(answer.result, "results", ())
            if str(result.node.resource_type) == "source"
        ]

    def compile_inline(self, sql: str, *, variables: Mapping[str, object]) -> str:
        """The SQL of a text with Jinja, which may use the project's models and macros. Raises DbtError."""
        manifest = self._parsed()
        try:
            answer = self._invoke(
                ["compile", "--inline", sql, *_vars(variables)], Silence(), manifest=manifest
            )
        finally:
            # dbt leaves the node of a text that does not compile in the manifest, where the next would clash.
            for name in [name for name in manifest.nodes if name.startswith("sql_operation.")]:
                del manifest.nodes[name]
        results: Sequence[RunResult] = getattr(answer.result, "results", [])
        return str(getattr(results[0].node, "compiled_code", "")).strip()

    def compile_model(self, name: str, *, variables: Mapping[str, object]) -> str:
        """The SQL of a model's query, as a run of its own would look at everybody. Raises DbtError."""
        command = ["compile", "--select", name, *_vars(variables)]
        answer = self._invoke(command, Silence(), manifest=self._parsed())
        results: Sequence[RunResult] = getattr(answer.result, "results", [])
        return str(getattr(results[0].node, "compiled_code", ""))

    def sources(self) -> list[SourceTable]:
        """The shop's tables that the project reads, in the order of their declaration. Raises DbtError."""
        return [
            SourceTable(source.schema, source.identifier, tuple(source.columns))
            for source in self._parsed().sources.values()
            if source.source_name == _SHOP
        ]

    def rendered_views(self) -> dict[str, str]:
        """The SQL of each view as it was built last, by dbt's id, if it ever was. Raises DbtError."""
        nodes = (node for node in self._parsed().nodes.values() if isinstance(node, ModelNode))
        files = {
            node.unique_id: Path(node.get_target_write_path(str(self._target_path), "compiled"))
            for node in nodes
            if node.config.materialized == "view"
        }
        return {name: file.read_text(encoding="utf-8") for name, file in files.items() if file.is_file()}

    def relation_names(self) -> dict[str, str]:
        """What each model is called in the database, quoted, by the model's name. Raises DbtError."""
        return {
            node.name: str(node.relation_name)
            for node in self._parsed().nodes.values()
            if str(node.resource_type) == "model"
        }

    def _parsed(self) -> Manifest:
        return self._manifest or self.parse()

    def _invoke(
        self, command: list[str], progress: Progress, *, manifest: Manifest | None, may_find: bool = False
    ) -> dbtRunnerResult:
        """What dbt answers. Raises DbtError where it failed; with `may_find`, what it found is no failure."""
        errors: list[str] = []
        runner = dbtRunner(manifest=manifest, callbacks=[listener(progress, errors)])
        options = [*_QUIET, "--log-level-file", self.log_level]
        arguments = [*options, *command[0].split(), *self._arguments, *command[1:]]
        with _one_at_a_time, _environment(self._environ), _silence(), _rare_collections():
            answer = runner.invoke(arguments)
        if isinstance(answer.exception, KeyboardInterrupt):
            raise answer.exception
        if not answer.success and not (may_find and hasattr(answer.result, "results")):
            raise self._error(command[0], answer, errors)
        return answer

    def _error(self, command: str, answer: dbtRunnerResult, errors: list[str]) -> DbtError:
        failures = tuple(
            _failure(result)
            for result in getattr(answer.result, "results", ())
            if str(result.status) in _FAILED
        )
        if failures:
            return DbtError("\n".join(str(failure) for failure in failures), self._log_hint(), failures)
        # The exception of a text that does not parse says only that; the first error event says why.
        reason = errors[0].removeprefix("Encountered an error:").strip() if errors else str(answer.exception)
        return DbtError(f"dbt could not {_COMMANDS[command]}: {reason}", self._log_hint())

    def _log_hint(self) -> str:
        target_path = self._target_path.relative_to(self._folder)
        return f"The SQL as it was sent is below {target_path}/run; dbt's own words are in logs/dbt.log."


def parsed_files(folder: Path) -> frozenset[tuple[str, int, int]]:
    """The files of a project that dbt parses, each with when it was written and its size."""
    folders = (folder / name for name in _PARSED_FOLDERS)
    files = [path for each in folders for path in each.rglob("*") if path.suffix in _PARSED_SUFFIXES]
    found = ((path, path.stat()) for path in [*files, *map(folder.joinpath, _PARSED_FILES)])
    return frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in found)


def _vars(variables: Mapping[str, object]) -> list[str]:
    return ["--vars", json.dumps(dict(variables))]


def _failure(result: RunResult) -> NodeFailure:
    """A failed result, less what dbt says around the reason: what failed, the macros on the way, a path."""
    lines = (result.message or "it did not say why").splitlines()
    told = [
        line.strip()
        for line in lines
        if not line.startswith(("Database Error in ", "Compilation Error in ", "Runtime Error in "))
        and not line.strip().startswith(("compiled code at ", "> in macro ", "> called by "))
    ]
    node = result.node
    # What a row needs depends on the shop's data, so it can't be known before.
    if any(line.startswith("row is too big") for line in told):
        told.append("Somebody has more figures than the 8 kB of a row hold: let segments share or drop some.")
    return NodeFailure(node.name, str(node.resource_type), node.original_file_path, "\n  ".join(told).strip())


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """dbt reads profiles.yml with the environment of the process: these values while it works."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        # Never empty in between: other threads may look.
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing that dbt or a library below it prints or warns reaches the terminal."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _rare_collections() -> Iterator[None]:
    """dbt makes many objects that stay: going through them again and again finds no garbage."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
