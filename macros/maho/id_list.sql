{#- A comma-separated list of ids, as the shop keeps it in text, as a list of texts. Empty is missing. -#}
{% macro id_list(column) -%}
    {{ return("string_to_array(nullif(replace(" ~ column ~ ", ' ', ''), ''), ',')") }}
{%- endmacro %}
