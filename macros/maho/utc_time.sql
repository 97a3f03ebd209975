{#- An instant that the shop wrote as a UTC date and time without a zone. -#}
{% macro utc_time(column) -%}
    {{ return("(" ~ column ~ " at time zone 'UTC')") }}
{%- endmacro %}
