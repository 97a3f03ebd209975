{#- The e-mail address by which a person is known again: case and surrounding blanks do not matter, empty is missing. -#}
{% macro normalized_email(column) -%}
    {{ return("nullif(lower(btrim(" ~ column ~ ", E' \\t\\r\\n')), '')") }}
{%- endmacro %}
