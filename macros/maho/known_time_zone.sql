{#-
    A configured time zone that the database knows too, else missing: an unknown name would fail every calculation with it. The list of
    names takes a while to read, so it is read once, not for each website.
-#}
{% macro known_time_zone(column) -%}
    {{ return(
        "case when " ~ column ~ " in (select zones.name from pg_catalog.pg_timezone_names as zones) then " ~ column ~ " end"
    ) }}
{%- endmacro %}
