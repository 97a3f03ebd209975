{#-
    What is suspicious about the shop's tables as a whole, for people, one text each: a table that is suddenly smaller than at the last
    publication (`row_counts` against `known`), or one whose newest row is older than agreed.
-#}
{% macro get_source_alarms(known, row_counts, as_of) -%}
    {%- set alarms = [] -%}
    {%- set percent = var('guards').source_shrink_percent -%}
    {%- for name, row_count in row_counts.items() if percent and known.get(name, 0) >= 1000 -%}
        {%- if (known[name] - row_count) * 100 > percent * known[name] -%}
            {%- do alarms.append("the shop's table {} has {:,} rows left of {:,}".format(name, row_count, known[name])) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if var('guards').stale_sources -%}
        {%- for source in _dated_sources() -%}
            {%- set limit = source.freshness.error_after -%}
            {%- set newest, is_stale = run_query(
                "select max(loaded.at)::text, coalesce(
                    max(loaded.at) at time zone 'UTC' < " ~ sql_literal(as_of.isoformat(), 'time') ~ " - "
                ~ sql_literal(limit.count ~ " " ~ limit.period, 'text') ~ "::interval, true
                )
                from (select " ~ adapter.quote(source.loaded_at_field) ~ " as at from " ~ maho_source(_source_relation(source)) ~ ") as loaded"
            ).rows[0] -%}
            {%- if is_stale -%}
                {%- do alarms.append(
                    "the newest row of the shop's table " ~ source.identifier ~ " is "
                    ~ ("of " ~ newest ~ " UTC" if newest else "missing") ~ ", older than the " ~ limit.count ~ " "
                    ~ limit.period ~ "s agreed"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(alarms) }}
{%- endmacro %}


{#- The shop's tables that are there, have a column of their time, and an agreed age. -#}
{% macro _dated_sources() -%}
    {%- set dated = [] -%}
    {%- for source in _shop_sources() if source.loaded_at_field and (source.freshness or {}).get('error_after') -%}
        {%- if source.freshness.error_after.get('count') and load_relation(_source_relation(source)) is not none -%}
            {%- do dated.append(source) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(dated) }}
{%- endmacro %}


{% macro _source_relation(source) -%}
    {{ return(adapter.Relation.create(database=source.database, schema=source.schema, identifier=source.identifier)) }}
{%- endmacro %}


{% macro _shop_sources() -%}
    {{ return(graph.sources.values() | selectattr('source_name', 'equalto', 'maho') | list) }}
{%- endmacro %}


{#-
    Rows of the shop's tables by name. A large table is not read for it: its rows are estimated from a thousand of its pages, always the
    same ones. In an incremental run a table is counted only where so many keys changed (`key_count`) that they may have been a good part
    of what it is known to have (`known`): each may stand for some rows.
-#}
{% macro get_source_counts(known, key_count) -%}
    {%- set rows_per_key = 20 -%}
    {%- set tables = {} -%}
    {%- for source in _shop_sources() if key_count is none or key_count * rows_per_key >= known.get(source.identifier, 0) -%}
        {%- do tables.update({source.identifier: source.relation_name}) -%}
    {%- endfor -%}
    {%- set counts, queries = {}, [] -%}
    {%- if not tables or key_count == 0 -%}{{ return(counts) }}{%- endif -%}
    {%- for name, pages in run_query(
        "select tables.name, pg_relation_size(pg_class.oid) / current_setting('block_size')::integer
        from unnest(" ~ sql_array(tables | list, 'text') ~ ", " ~ sql_array(tables.values() | list, 'text') ~ ") as tables (name, relation)
        inner join pg_class on to_regclass(tables.relation) = pg_class.oid and pg_class.relkind in ('r', 'm')"
    ).rows -%}
        {%- set is_large = pages > 1000 -%}
        {%- set share = "{:.6f}".format(100000 / pages) if is_large else "100" -%}
        {%- do queries.append(
            "select " ~ sql_literal(name, 'text') ~ ", (count(*) * 100 / " ~ share ~ ")::bigint from " ~ tables[name]
            ~ (" tablesample system (" ~ share ~ ") repeatable (1)" if is_large else "")
        ) -%}
    {%- endfor -%}
    {%- if queries -%}
        {%- for name, row_count in run_query(queries | join('\nunion all\n')).rows -%}
            {%- do counts.update({name: row_count | int}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(counts) }}
{%- endmacro %}
