{#-
    Makes tables without rows ready for many: takes their keys and indexes away, and returns the statements that bring them back, which is
    several times cheaper than keeping them up row by row. Emptied once more, they are new to this transaction: PostgreSQL then logs none of
    their rows where no replica needs that. Where one of them has rows nothing is done, and none is returned.
-#}
{% macro take_keys(tables) -%}
    {%- set names, filled = [], [] -%}
    {%- for table in tables -%}
        {%- do names.append(sql_literal(table | string, 'text') ~ "::regclass") -%}
        {%- do filled.append("exists (select 1 from " ~ table ~ ")") -%}
    {%- endfor -%}
    {%- if run_query("select " ~ filled | join(' or ')).columns[0].values()[0] -%}{{ return(none) }}{%- endif -%}
    {%- set keys = run_query(
        "select
            'alter table ' || conrelid::regclass || ' drop constraint ' || quote_ident(conname),
            'alter table ' || conrelid::regclass || ' add constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
        from pg_constraint
        where contype in ('p', 'u') and conrelid in (" ~ names | join(', ') ~ ")
        union all
        select
            'drop index ' || indexrelid::regclass,
            pg_get_indexdef(indexrelid)
        from pg_index
        where
            indrelid in (" ~ names | join(', ') ~ ")
            and not exists (select 1 from pg_constraint where pg_constraint.conindid = pg_index.indexrelid)"
    ).rows -%}
    {%- set statements = [] -%}
    {%- for taken, brought_back in keys -%}
        {%- do run_query(taken) -%}
        {%- do statements.append(brought_back) -%}
    {%- endfor -%}
    {%- do run_query("truncate " ~ tables | join(', ')) -%}
    {{ return(statements) }}
{%- endmacro %}
