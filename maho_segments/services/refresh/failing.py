"""Finding the segments to blame when a refresh fails, by asking for fewer and fewer of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from maho_segments import language
from maho_segments.language.project import Project
from maho_segments.services.dbt import DbtError, DbtProject
from maho_segments.services.instants import format_instant
from maho_segments.services.refresh.selection import referring_to

# The models whose SQL is that of the segments.
_MODELS_OF_SEGMENTS = {"profile_features", "segment_memberships"}

# SQLSTATE classes of errors that come from what a segment asks, of the rows that it is asked of: data
# exceptions (numbers, dates and patterns among them), more rows than one, and what functions and names in a
# condition of one's own raise. Not those of connections, conflicting transactions, resources and operators.
_TO_BLAME = ("21", "22", "2F", "38", "39", "42", "P0")

Probe = Callable[[Sequence[str]], str | None]
"""What is wrong when these segments, and those that they refer to, are asked together; None if nothing."""


def blames_segments(error: DbtError) -> bool:
    """Whether dbt failed where segments are answered, so that asking for fewer of them may help."""
    return any(failure.name in _MODELS_OF_SEGMENTS for failure in error.failures)


def find_failing(segments: Sequence[Mapping[str, Any]], probe: Probe) -> dict[str, str]:
    """The segments (of a plan) that fail by themselves, each with its error, and those that refer to them.

    Empty where all of them can be asked together, or not even none: then segments are not to blame. The
    number of probes grows with the logarithm of the number of segments for each that fails.
    """
    in_order = sorted(segments, key=lambda segment: segment["level"])
    failing: dict[str, str] = {}
    waiting = [segment["name"] for segment in in_order]
    good = 0
    while good < len(waiting):
        error = probe(waiting)
        if error is None:
            break
        # The first that spoils those before it: each is behind all that it refers to.
        low, high = good, len(waiting) - 1
        while low < high:
            middle = (low + high) // 2
            found = probe(waiting[: middle + 1])
            low, high, error = (middle + 1, high, error) if found is None else (low, middle, found)
        failing[waiting[low]] = error
        referring = referring_to(in_order, [waiting[low]])
        failing |= {name: f"It refers to {culprit}, which fails." for name, culprit in referring.items()}
        waiting = [name for name in waiting if name not in failing]
        good = low
    return {} if not waiting and probe([]) is not None else failing


def segment_probe(
    dbt: DbtProject, connection: psycopg.Connection, project: Project, as_of: datetime
) -> Probe:
    """A probe that asks every profile, by the macros of a build, and writes nothing.

    The probe raises psycopg's error where something else than the segments is to blame.
    """

    def probe(names: Sequence[str]) -> str | None:
        plan = language.compile_plan(project, without=project.segments.keys() - set(names))
        try:
            query = dbt.compile_inline(
                f"{{{{ segment_probe({language.plan_expression(plan)}) }}}}",
                variables={"as_of": format_instant(as_of)},
            )
            with connection.transaction(force_rollback=True):
                connection.execute(sql.SQL(query))
        except DbtError as error:
            # A condition of one's own may refuse to be rendered.
            return error.message
        except psycopg.Error as error:
            if (error.sqlstate or "").startswith(_TO_BLAME):
                return error.diag.message_primary or str(error)
            raise
        return None

    return probe


def nameless_error(dbt: DbtProject, message: str) -> str:
    """An error's text as the ledger may keep it, without what it may quote of people. Raises DbtError."""
    return dbt.compile_inline("{{ nameless_error(var('message')) }}", variables={"message": message})
