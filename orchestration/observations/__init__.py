"""What sensors look at: small queries of the warehouse, the project's files, and Dagster's own runs."""
