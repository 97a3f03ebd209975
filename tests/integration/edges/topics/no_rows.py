"""Aggregates over no rows and over rows without a value, of the people of `missing`."""

from tests.integration.edges.topics.missing import fill

__all__ = ["fill"]
