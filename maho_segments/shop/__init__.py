"""The shop: its raw tables, filled from CSV files or by a generated demo shop."""
