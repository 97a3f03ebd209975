"""Where something is written, as a link: to the repository's pages where it has a remote, else the file."""

import re
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

# git@host:owner/name.git, ssh://git@host/owner/name and https://host/owner/name.git
_REMOTE = re.compile(r"(?:\w+://)?(?:[^@/]+@)?(?P<host>\w[\w.-]*)(?::\d+)?[:/](?P<path>[^:]+?)(?:\.git)?/?")


@dataclass(frozen=True)
class Source:
    """The folder of a project, and the pages of its repository at the commit that is checked out, if any."""

    folder: Path
    pages: str | None = None

    def link(self, path: str, line: int | None = None) -> dg.CodeReferencesMetadataValue:
        """A file of the project, by its path from the folder."""
        with warnings.catch_warnings():
            # They are public, and called beta whenever one is made.
            warnings.simplefilter("ignore", dg.BetaWarning)
            return dg.CodeReferencesMetadataValue(code_references=[self._reference(path, line)])

    def _reference(self, path: str, line: int | None) -> dg.UrlCodeReference | dg.LocalFileCodeReference:
        if self.pages:
            suffix = f"#L{line}" if line else ""
            return dg.UrlCodeReference(url=f"{self.pages}/{path}{suffix}", label=path)
        return dg.LocalFileCodeReference(file_path=str(self.folder / path), line_number=line, label=path)


def find_source(folder: Path) -> Source:
    """The project's folder, with its repository's pages where git knows a remote on a host that has such."""
    remote, commit = _git(folder, "remote", "get-url", "origin"), _git(folder, "rev-parse", "HEAD")
    inside = _git(folder, "rev-parse", "--show-prefix")
    if not remote or not commit or inside is None:
        return Source(folder)
    pages = pages_of(remote, commit)
    return Source(folder, f"{pages}/{inside}".rstrip("/") if pages else None)


def pages_of(remote: str, commit: str) -> str | None:
    """The address below which a host shows the files of a commit; None for a remote without pages."""
    match = _REMOTE.fullmatch(remote)
    if match is None or "." not in match["host"]:
        return None
    middle = "-/blob" if "gitlab" in match["host"] else "blob"
    return f"https://{match['host']}/{match['path']}/{middle}/{commit}"


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers; None where it is not there or does not know."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
