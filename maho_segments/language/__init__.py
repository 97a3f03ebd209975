"""The segment language: reading, checking and compiling segments.yml and attributes.yml."""
