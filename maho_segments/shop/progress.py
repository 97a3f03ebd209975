"""How far a load or a demo has come, for whoever shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ShopProgress:
    """`done` of `total` units; `what` is what is being worked on, a table or a part of the shop."""

    what: str
    done: int
    total: int
    unit: Literal["bytes", "customers", "tables"]


ShowProgress = Callable[[ShopProgress], None]


def show_nothing(progress: ShopProgress) -> None:
    """Progress that nobody watches."""
