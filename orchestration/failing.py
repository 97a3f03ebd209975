"""What becomes of a run that fails: tried again where that may help, else ended with words one can act on."""

import re
from dataclasses import dataclass
from typing import NoReturn

import dagster as dg
import psycopg

from maho_segments.errors import BuildLockedError, DefinitionsError, SegmentsError
from maho_segments.services.dbt import DbtError

MOST_RETRIES = 5
# 10 s, 20 s, 40 s, 80 s, 160 s: five minutes in all, which a server that is started anew takes at most.
_FIRST_DELAY = 10
# What PostgreSQL and its drivers say of connections and locks, where dbt handed on no more than the words.
_PASSING = re.compile(
    "server closed the connection|connection to server .* failed|terminating connection|could not connect to"
    "|connection already closed|could not (receive|send) data|SSL SYSCALL error"
    "|the database system is (starting up|shutting down|in recovery)"
    "|not (yet|currently) accepting connections"
    "|deadlock detected|lock timeout|could not obtain lock"
    "|too many clients|too many connections|remaining connection slots"
    # ... and what our own messages make of them.
    "|does not answer|connection refused|warehouse does not run",
    re.DOTALL,
)


@dataclass(frozen=True)
class Fate:
    """What to do about an error: again in so many seconds, or no more."""

    retry_in: int | None


def plan_retry(error: BaseException, attempt: int) -> Fate:
    """What to do about an error of the given attempt, counted from 0.

    Again, each time twice as late, for what passes by itself: connections and locks. Never for what a person
    has to mend, definitions above all.
    """
    again = passes(error) and attempt < MOST_RETRIES
    return Fate(_FIRST_DELAY * 2**attempt if again else None)


def passes(error: BaseException) -> bool:
    """Whether the same may well succeed later, with nothing changed."""
    match error:
        case BuildLockedError() | psycopg.OperationalError():
            return True
        case DefinitionsError():
            return False
        case SegmentsError():
            return bool(_PASSING.search(error.message))
        case _:
            return False


def fail(error: Exception, attempt: int) -> NoReturn:
    """End the step as `plan_retry` says: raises RetryRequested, Failure, or what is no error of ours."""
    fate = plan_retry(error, attempt)
    if fate.retry_in is not None:
        raise dg.RetryRequested(max_retries=MOST_RETRIES, seconds_to_wait=fate.retry_in) from error
    if not isinstance(error, SegmentsError):
        raise error
    metadata = {"what_to_do": error.hint} if error.hint else {}
    if isinstance(error, DbtError) and error.run_id is not None:
        metadata["run_number"] = str(error.run_id)
    raise dg.Failure(str(error), metadata=metadata, allow_retries=False) from error
