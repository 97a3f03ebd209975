{#- A comma-separated list of ids, as the shop keeps it in text, as a list of texts. Blanks and empty entries don't count. -#}
{% macro id_list(column) -%}
    {{ return("array_remove(string_to_array(replace(" ~ column ~ ", ' ', ''), ','), '')") }}
{%- endmacro %}
