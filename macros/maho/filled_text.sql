{#- Text as it stands, missing where it is empty: the shop writes both for "nothing". -#}
{% macro filled_text(column) -%}
    {{ return("nullif(" ~ column ~ ", '')::text") }}
{%- endmacro %}
