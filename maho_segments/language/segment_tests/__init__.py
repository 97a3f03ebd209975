"""segment_tests.yml: people with their orders, carts and so on, and the segments they must be in or not."""

from maho_segments.language.segment_tests.clauses import Clause, Questions, ask_about
from maho_segments.language.segment_tests.model import Person, Row, SegmentTest, SegmentTests
from maho_segments.language.segment_tests.reader import TESTS_FILE, check_tests
from maho_segments.language.segment_tests.schema import schema_of_tests
from maho_segments.language.segment_tests.tables import SampleTable, number_people, sample_tables

__all__ = [
    "TESTS_FILE",
    "Clause",
    "Person",
    "Questions",
    "Row",
    "SampleTable",
    "SegmentTest",
    "SegmentTests",
    "ask_about",
    "check_tests",
    "number_people",
    "sample_tables",
    "schema_of_tests",
]
