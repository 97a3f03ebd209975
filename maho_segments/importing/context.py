"""What the translation of one segment's conditions knows, and what it finds out on the way."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from maho_segments.importing.facts import ShopFacts
from maho_segments.importing.options import ImportOptions
from maho_segments.importing.refusals import Refusal
from maho_segments.language import Vocabulary

PREFIX = "maho_"
"""Begins the names of attributes that the importer defines."""


class NewAttributes:
    """Named attributes that imported segments need and the project does not have."""

    def __init__(self, taken: Collection[str], known: Mapping[str, Any]) -> None:
        self._taken = set(taken)
        self._known = known
        self.definitions: dict[str, dict[str, Any]] = {}

    def name_of(self, name: str, definition: dict[str, Any]) -> str:
        """The attribute's name: that of the project's own one where it is defined alike, or a new one."""
        wanted = PREFIX + name
        number = 1
        while wanted in self._taken:
            if _form(self._known.get(wanted)) == _form(definition):
                return wanted
            number += 1
            wanted = f"{PREFIX}{name}_{number}"
        self.definitions[wanted] = definition
        return wanted

    def merge(self, other: "NewAttributes") -> None:
        """Take over what another collection has."""
        self.definitions.update(other.definitions)


def _form(definition: Any) -> Any:
    if not isinstance(definition, Mapping):
        return None
    return {key: value for key, value in definition.items() if key != "description"}


@dataclass
class Context:
    """`attributes` collects new ones; `narrowed` are settings that the project's defaults limit;
    `counts_days` is set where a rule depends on whose days are meant.
    """

    facts: ShopFacts
    options: ImportOptions
    vocabulary: Vocabulary
    project_attributes: Mapping[str, Any]
    attributes: NewAttributes
    narrowed: Collection[str] = ()
    counts_days: bool = False
    approximations: list[str] = field(default_factory=list)

    def approximate(self, difference: str) -> None:
        """Note a difference that the person who imports accepts, or raise Refusal."""
        if not self.options.approximate:
            raise Refusal(difference, can_approximate=True)
        if difference not in self.approximations:
            self.approximations.append(difference)

    def approximate_where(self, oddity: str, difference: str) -> None:
        """The same, only in a shop that has rows of that kind."""
        if oddity in self.facts.oddities:
            self.approximate(difference)
