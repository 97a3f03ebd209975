{#-
    The columns of a table, in place of dbt's own query, which calls every list just ARRAY: no type to cast to, so that unit tests could
    not have rows of a model with a list.
-#}
{% macro postgres__get_columns_in_relation(relation) -%}
    {%- call statement('get_columns_in_relation', fetch_result=true) %}
        select
            column_name,
            case when data_type = 'ARRAY' then substr(udt_name, 2) || '[]' else data_type end as data_type,
            character_maximum_length,
            numeric_precision,
            numeric_scale
        from {{ relation.information_schema('columns') }}
        where
            table_name = {{ sql_literal(relation.identifier, 'text') }}
            {#- A temporary table comes without its schema. #}
            {%- if relation.schema %}
            and table_schema = {{ sql_literal(relation.schema, 'text') }}
            {%- endif %}
        order by ordinal_position
    {%- endcall -%}
    {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{%- endmacro %}
