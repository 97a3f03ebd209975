{#- Schema of the change log and of the functions that write it. -#}
{% macro capture_schema() -%}
    {{ return(generate_schema_name('capture', none) | trim) }}
{%- endmacro %}


{#- The log of what changed in the shop's tables, which pointers are compared with. -#}
{% macro change_log() -%}
    {{ return(project_relation('change_log', schema='capture')) }}
{%- endmacro %}


{#- What a trigger or index of the capture is called: with the schema's name, as another schema may capture the same tables. -#}
{% macro capture_name(ending) -%}
    {%- set name = capture_schema() ~ '_' ~ ending -%}
    {{ return(name if name | length <= 63 else name[:30] ~ '_' ~ local_md5(name)) }}
{%- endmacro %}
