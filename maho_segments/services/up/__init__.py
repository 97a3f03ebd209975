"""`segments up`: the warehouse, Dagster and the refresher, started and stopped together."""
