{#- Marks an index as made by the capture, so that it is known when the capture is removed. -#}
{% macro lookup_index_mark() -%}
    {{ return('For looking up what changed: ' ~ capture_schema()) }}
{%- endmacro %}
