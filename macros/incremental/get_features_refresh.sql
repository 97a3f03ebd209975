{#-
    How profile_features are brought up to date: {is_partial, columns, profile_count, due_counts, lookup_limit}. Partial means that only
    the profiles that are due are worked out: where the run looks at what changed, `features` (the table, or none) is there, and not so
    many are due that working out everybody is cheaper. `columns` are those of the table, `due_counts` the profiles due by pass; the rows
    of up to `lookup_limit` of them are looked up.
-#}
{% macro get_features_refresh(plan, tables, features, as_of) -%}
    {%- set refresh = {'is_partial': false, 'columns': [], 'profile_count': 0, 'due_counts': {}, 'lookup_limit': 0} -%}
    {%- if features is none or get_refresh_scope(tables.refresh_scope).mode != 'incremental' -%}
        {{ return(refresh) }}
    {%- endif -%}
    {%- do refresh.update({'columns': adapter.get_columns_in_relation(features) | map(attribute='name') | list}) -%}
    {%- set names = relation_passes(plan) | map(attribute='name') | list -%}
    {%- set counts = run_query(due_counts_query(
        names, due_profiles_query(plan, tables, features, refresh.columns, as_of), features
    )).rows[0] -%}
    {%- for name in names -%}{%- do refresh.due_counts.update({name: counts[loop.index + 1] | int}) -%}{%- endfor -%}
    {%- do refresh.update({
        'is_partial': counts[0] * 100 <= counts[1] * var('due_limit_percent'),
        'profile_count': counts[0] | int,
        'lookup_limit': counts[1] * var('lookup_limit_percent') / 100,
    }) -%}
    {{ return(refresh) }}
{%- endmacro %}


{#- How many profiles are due in all, of how many there are about, and how many are for each pass. -#}
{% macro due_counts_query(passes, due_profiles, features) -%}
select
    count(*),
    (select reltuples from pg_class where oid = {{ sql_literal(features | string, 'text') }}::regclass)
    {%- for pass in passes -%},
    count(*) filter (where {{ pass }}_due)
    {%- endfor %}
from (
    {{ due_profiles | indent(4) }}
) as due_profiles
{%- endmacro %}
