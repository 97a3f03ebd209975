"""Customer segmentation for Maho shops: `segments.yml` says what, dbt models in PostgreSQL say who."""
