{#-
    A table of the project by its name, below the schema that is configured as `schema` (none: the target's own); made or not. For where a
    model can't be asked for with `ref`: before it in the order of the run, or outside of it.
-#}
{% macro project_relation(name, schema='work') -%}
    {{ return(api.Relation.create(
        database=target.database, schema=generate_schema_name(schema, none) | trim, identifier=name, type='table'
    )) }}
{%- endmacro %}
