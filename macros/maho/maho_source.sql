{#-
    A table of the shop with at least its declared columns, whatever this shop has of it: what is missing stands in as typed nulls, a
    missing table as no rows. So a shop without tracking, or with a module switched off, builds like any other. The usual table is
    rendered as it is, so that the planner sees nothing but the table.
-#}
{% macro maho_source(relation) -%}
    {#- While parsing there is no database to look at; a unit test's rows are not in it. -#}
    {%- if not execute or relation.is_cte -%}
        {{ return(relation) }}
    {%- endif -%}

    {#- The database is asked, not dbt's cache of relations: a thread that looks while another fills it finds half the shop. -#}
    {%- set declared = _declared_columns(relation) -%}
    {%- set actual_types = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do actual_types.update({column.name: column.dtype}) -%}
    {%- endfor -%}

    {%- set expressions = [] -%}
    {%- for name, data_type in declared.items() -%}
        {%- set expression = _source_column(name, data_type, actual_types.get(name)) -%}
        {%- do expressions.append(expression if expression == name else expression ~ ' as ' ~ name) -%}
    {%- endfor -%}

    {%- if not actual_types -%}
        {{ return('(select ' ~ expressions | join(', ') ~ ' where false)') }}
    {%- elif expressions == declared.keys() | list -%}
        {{ return(relation) }}
    {%- else -%}
        {{ return('(select ' ~ expressions | join(', ') ~ ' from ' ~ relation ~ ')') }}
    {%- endif -%}
{%- endmacro %}


{#- Names and types that _maho__sources.yml declares for a table of the shop. -#}
{% macro _declared_columns(relation) -%}
    {%- set declared = {} -%}
    {%- for source in graph.sources.values()
        if source.schema == relation.schema and source.identifier == relation.identifier -%}
        {%- for column in source.columns.values() -%}
            {%- do declared.update({column.name: column.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(declared) }}
{%- endmacro %}


{#- One column as declared: its name, or what stands in for it where the shop has it otherwise or not at all. -#}
{% macro _source_column(name, data_type, actual_type) -%}
    {%- if actual_type is none -%}
        {{ return('cast(null as ' ~ data_type ~ ')') }}
    {%- elif data_type == 'timestamp' and actual_type == 'timestamp with time zone' -%}
        {{ return('(' ~ name ~ " at time zone 'UTC')") }}
    {%- elif data_type != 'text' and actual_type in ('text', 'character varying') -%}
        {#- Loaded as text from elsewhere, where a date can be all zeros. -#}
        {{ return('cast(case when ' ~ name ~ " not like '0000-00-00%' and " ~ name ~ " <> '' then " ~ name ~ ' end as '
            ~ data_type ~ ')') }}
    {%- else -%}
        {{ return(name) }}
    {%- endif -%}
{%- endmacro %}
