{#-
    What there is to do so that one customer's rows, one address's, one order's are found without reading a table: a list as that of
    `capture_statements`. Columns that already come first in some index have none made. Not in a transaction with `concurrently`, which
    lets the shop write meanwhile.
-#}
{% macro lookup_index_steps(sources, concurrently) -%}
    {%- set wanted, rows = {}, [] -%}
    {%- for source in sources if source.concerns -%}
        {%- for column, is_email in lookup_columns(source).items() -%}
            {%- set name = capture_name(source.table ~ '_' ~ column) -%}
            {%- do wanted.update({name: {
                'what': source.name ~ '.' ~ column,
                'statements': lookup_index_statements(source, column, is_email, name, 'concurrently ' if concurrently else ''),
            }}) -%}
            {%- do rows.append('(' ~ sql_literals([name, source.schema, source.table, column], 'text') | join(', ') ~ ', '
                ~ sql_literal(is_email, 'boolean') ~ ')') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set steps = [] -%}
    {%- for name in run_query(missing_indexes_query(rows)).columns[0].values() -%}
        {%- do steps.append(wanted[name]) -%}
    {%- endfor -%}
    {{ return(steps) }}
{%- endmacro %}


{#- The columns by which rows of a source are looked up, each with whether it holds an address. -#}
{% macro lookup_columns(source) -%}
    {%- set columns = {} -%}
    {%- for concern in source.concerns if concern.column -%}
        {%- do columns.update({concern.column: concern.kind == 'email'}) -%}
    {%- endfor -%}
    {%- for column in source.lookups -%}
        {%- do columns.update({column: false}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#-
    The statements that make one index. What a try that was cut short left behind is dropped first; of an expression the planner knows
    nothing until the table is analyzed.
-#}
{% macro lookup_index_statements(source, column, is_email, name, concurrently) -%}
    {%- set quoted = adapter.quote(column) -%}
    {%- set in_schema = adapter.quote(source.schema) ~ '.' ~ adapter.quote(name) -%}
    {{ return([
        "drop index " ~ concurrently ~ "if exists " ~ in_schema,
        "create index " ~ concurrently ~ adapter.quote(name) ~ " on " ~ source.relation ~ " ("
        ~ ('(' ~ normalized_email(quoted) ~ ')' if is_email else quoted) ~ ")",
        "comment on index " ~ in_schema ~ " is " ~ sql_literal(lookup_index_mark(), 'text'),
        "analyze " ~ source.relation,
    ]) }}
{%- endmacro %}


{#- Marks an index as made by the capture, so that it is known when the capture is removed. -#}
{% macro lookup_index_mark() -%}
    {{ return('For looking up what changed: ' ~ capture_schema()) }}
{%- endmacro %}


{#- Query of the names of those indexes that are missing, of `rows` (name, schema, table, column, whether it holds an address). -#}
{% macro missing_indexes_query(rows) -%}
with wanted (index_name, schema_name, table_name, column_name, is_email) as (
    values {{ rows | join(', ') }}
)

select wanted.index_name
from wanted
inner join pg_namespace on wanted.schema_name = pg_namespace.nspname
inner join pg_class on pg_namespace.oid = pg_class.relnamespace and wanted.table_name = pg_class.relname
inner join pg_attribute on pg_class.oid = pg_attribute.attrelid and wanted.column_name = pg_attribute.attname
where
    pg_class.relkind = 'r'
    and not pg_attribute.attisdropped
    and not exists (
        select 1
        from pg_index
        inner join pg_class as indexes on pg_index.indexrelid = indexes.oid
        where
            pg_index.indrelid = pg_class.oid
            and pg_index.indisvalid
            and (
                indexes.relname = wanted.index_name
                or (not wanted.is_email and pg_index.indkey[0] = pg_attribute.attnum and pg_index.indpred is null)
            )
    )
order by wanted.index_name
{%- endmacro %}
