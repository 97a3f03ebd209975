"""Runs the segments by itself: a Dagster code location."""
