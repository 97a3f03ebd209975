"""What a look at one thing showed."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    subject: str
    state: State
    found: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The finding for programs."""
        return asdict(self)
