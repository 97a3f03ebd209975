"""The check of regular expressions, which needs no database, held against a database."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from maho_segments.language.patterns import pattern_mistake
from tests.databases import Database

PIECES = st.sampled_from(
    [
        *"ab01-^$.|()[]{}*+?\\:=!<#, '\"%_",
        *(
            "\\d",
            "\\w",
            "\\s",
            "\\D",
            "\\W",
            "\\S",
            "\\y",
            "\\m",
            "\\M",
            "\\Y",
            "\\A",
            "\\Z",
            "\\n",
            "\\t",
            "\\1",
        ),
        *("\\b", "\\.", "\\(", "\\[", "\\]", "\\x41", "\\u0041", "\\0", "\\e", "\\c", "\\é", "é", "💶", "\n"),
        *(
            "(?:",
            "(?=",
            "(?!",
            "(?<=",
            "(?i)",
            "(?P<n>",
            "***",
            "[[:alpha:]]",
            "[[.a.]]",
            "[:digit:]",
            "[^",
            "[]",
        ),
        *("{2}", "{1,3}", "{2,}", "{,3}", "{300}", "*?", "+?", "??", "a-z", "z-a", "\\d-", "]*", ")+", "(a)"),
    ]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=7).map("".join)


def test_pattern_that_passes_is_one_for_the_database(database: Database) -> None:
    accepted = []

    with database.connect() as connection:

        @settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
        @given(PATTERNS)
        @example("(a)(?=\\1)")
        @example("[a-z-9]")
        @example("[a-[:alpha:]]")
        def check(pattern: str) -> None:
            if pattern_mistake(pattern) is None:
                accepted.append(pattern)
                connection.execute("select 'ab' ~* %s", [pattern])

        check()
    assert len(accepted) > 300
