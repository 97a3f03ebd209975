"""Choices among strategies in which some stand more often than others."""

from typing import TypeVar

from hypothesis import strategies as st

Drawn = TypeVar("Drawn")


def one_of(*branches: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn]:
    """Each of the branches as often as it stands there; one that is empty is none.

    Hypothesis's own counts a branch once, however often it stands there, and takes apart those that are
    choices themselves.
    """
    some = [branch for branch in branches if not branch.is_empty]
    return st.sampled_from(range(len(some))).flatmap(some.__getitem__) if some else st.nothing()
