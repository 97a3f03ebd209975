"""What the person who imports says about the shop and the result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`is_case_sensitive`: the shop's database is PostgreSQL or SQLite, where case matters and whole numbers
    are divided without their fraction. `approximate`: write what is near where the same can't be written.
    """

    is_case_sensitive: bool = False
    approximate: bool = False
