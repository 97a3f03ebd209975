{#-
    What the memberships are made of: {sources, problems}. `sources` are the tables that the models behind them read, each as
    `captured_source` describes it; `problems` says what there is besides, whose changes no trigger on a table tells. With `of_any_plan` the
    sources are also those that segments of tomorrow may read: captured today, they need no other triggers then.
-#}
{% macro captured_sources(of_any_plan=false) -%}
    {%- set found = {'sources': [], 'problems': []} -%}
    {#- The list grows while it is read, so that in the end it has all ancestors. -#}
    {%- set ids = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'segment_memberships' -%}
        {%- do ids.append(node.unique_id) -%}
    {%- endfor -%}
    {%- for id in ids -%}
        {%- for parent in (graph.nodes.get(id) or {}).get('depends_on', {}).get('nodes', []) if parent not in ids -%}
            {%- do ids.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for id, source in graph.sources.items() if of_any_plan and id not in ids and captured_source(source).concerns -%}
        {%- do ids.append(id) -%}
    {%- endfor -%}
    {%- for id in ids | sort -%}
        {%- if id in graph.sources -%}
            {%- do found.sources.append(captured_source(graph.sources[id])) -%}
        {%- elif not is_always_current(graph.nodes.get(id)) -%}
            {%- do found.problems.append(id.split('.')[0] ~ ' ' ~ id.split('.')[-1] ~ ' is a copy that only a full run renews') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- Whether what a node has follows its sources without being built: views do, and the tables that every refresh keeps. -#}
{% macro is_always_current(node) -%}
    {{ return(
        node is not none
        and node.resource_type == 'model'
        and (
            node.config.materialized in ('view', 'ephemeral')
            or node.fqn[1] in ('refresh', 'identities', 'membership')
            or node.name == 'unlogged_product_views'
        )
    ) }}
{%- endmacro %}


{#-
    A source as the capture needs it: {name, schema, table, relation, concerns, columns, declared, lookups, clock, declaration}. `columns` are those
    whose changes matter, none named: all; `concerns` is none where the source does not say whom its rows concern; `declaration` is a
    fingerprint of all that the triggers are made from.
-#}
{% macro captured_source(source) -%}
    {%- set meta = source.get('config', {}).get('meta') or source.get('meta') or {} -%}
    {%- set name = source.schema ~ '.' ~ source.identifier -%}
    {%- set concerns = normalized_concerns(meta.concerns, name) if meta.concerns else none -%}
    {%- set declared, columns = [], [] -%}
    {%- for column in source.columns.values() -%}
        {%- do declared.append(column.name) -%}
        {%- set column_meta = column.get('config', {}).get('meta') or column.get('meta') or {} -%}
        {%- if column_meta.get('captured', true) -%}{%- do columns.append(column.name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return({
        'name': name,
        'schema': source.schema,
        'table': source.identifier,
        'relation': source.relation_name,
        'concerns': concerns,
        'columns': columns,
        'declared': declared,
        'lookups': meta.lookups or [],
        'clock': meta.clock,
        'declaration': local_md5(tojson([concerns, columns, var('capture_bulk_limit')])),
    }) }}
{%- endmacro %}
