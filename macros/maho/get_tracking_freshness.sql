{#-
    The query for the newest row of a table that only a shop with tracking fills. Without the table, or without rows, there is nothing to
    be late: the moment itself.
-#}
{% macro get_tracking_freshness(relation, column) -%}
select coalesce(max({{ utc_time(column) }}), current_timestamp)
from {{ maho_source(relation) }} as tracking
{%- endmacro %}
