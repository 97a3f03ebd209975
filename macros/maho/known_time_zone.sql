{#- A configured time zone that the database knows too, else missing: an unknown name would fail every calculation with it. -#}
{% macro known_time_zone(column) -%}
    {{ return("(select zones.name from pg_catalog.pg_timezone_names as zones where zones.name = " ~ column ~ " limit 1)") }}
{%- endmacro %}
