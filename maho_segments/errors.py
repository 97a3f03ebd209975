"""The errors of this project, each of which says where, what was found, what is allowed and what to do.

SegmentsError                  the root: catch this one to catch them all
|-- DefinitionsError           segments.yml, attributes.yml or the vocabulary do not validate (exit code 2)
|-- WarehouseError             the warehouse can't be started, reached or used
|-- ShopError                  the shop's tables can't be loaded or lack what is needed
`-- BuildError                 a build of the memberships failed
    |-- BuildLockedError       another build is at work: it passes
    `-- NothingToAuditError    a refresh has to come first
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


class SegmentsError(Exception):
    """Something a person can act on: what went wrong (`message`) and what to do next (`hint`)."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class WarehouseError(SegmentsError):
    """The warehouse can't be started, reached or used: address, password, database, version, binaries."""


class ShopError(SegmentsError):
    """The shop's tables can't be loaded, or lack a table or column that is needed."""


class BuildError(SegmentsError):
    """A build of the memberships failed; what was published before it stands."""


class BuildLockedError(BuildError):
    """Another build is at work in the same schema. It passes: the same build can be tried again later."""


class NothingToAuditError(BuildError):
    """Nothing that is published can be compared with what a full build would find, until something is."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a definitions file: its place, what was found, what is allowed, what to do next.

    `line` and `column` count from 1, or are 0 when the problem is about the whole file.
    `allowed` has the nearest words first.
    """

    code: str
    path: str
    line: int
    column: int
    segment: str | None
    found: str
    allowed: tuple[str, ...] = ()
    hint: str = ""
    severity: Severity = "error"
    is_advice: bool = False
    """Whether the definitions are valid all the same; then the code can be silenced, and is shown."""
    more_allowed: int = 0
    """How many words are allowed beside those."""

    @property
    def place(self) -> str:
        """The place as editors understand it: `segments.yml:12:7`."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def as_dict(self) -> dict[str, Any]:
        """The problem for programs: plain JSON values, always the same keys."""
        return {
            "code": self.code,
            "severity": self.severity,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "segment": self.segment,
            "found": self.found,
            "allowed": list(self.allowed),
            "more_allowed": self.more_allowed,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        what = self.found if self.severity == "error" else f"warning: {self.found}"
        if self.is_advice:
            what += f" [{self.code}]"
        whose = f" in {self.segment}" if self.segment else ""
        lines = [f"{self.place}{whose}: {what}"]
        if self.allowed:
            more = f" and {self.more_allowed} more" if self.more_allowed else ""
            lines.append(f"  allowed: {', '.join(self.allowed)}{more}")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class DefinitionsError(SegmentsError):
    """The definitions or the vocabulary do not validate; carries every problem, in file order."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        count = len(self.problems)
        files = sorted({problem.path for problem in self.problems})
        noun = "problem" if count == 1 else "problems"
        super().__init__(
            f"{count} {noun} in {', '.join(files)}",
            "Nothing was built or published. Correct them and run `segments validate` again.",
        )

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), self.message])
