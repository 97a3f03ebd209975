{#- Whether the project's tables of these names are there, in the schema that is configured as `schema`. Not for tables that a model can ref. -#}
{% macro is_made(names, schema) -%}
    {%- for name in names if load_relation(project_relation(name, schema)) is none -%}
        {{ return(false) }}
    {%- endfor -%}
    {{ return(true) }}
{%- endmacro %}
