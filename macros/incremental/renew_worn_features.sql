{#-
    Drops profile_features, which the run makes again, before it outgrows PostgreSQL: a table has at most 1,600 columns, and those that
    edits of definitions took from it count for ever. For on-run-start.
-#}
{% macro renew_worn_features() -%}
    {%- set features = load_relation(project_relation('profile_features')) if execute and flags.WHICH in ('build', 'run') else none -%}
    {%- if features is not none -%}
        {%- set used = run_query(
            "select max(attnum) from pg_attribute where attrelid = " ~ sql_literal(features | string, 'text') ~ "::regclass"
        ).columns[0].values()[0] | int -%}
        {%- set added = [] -%}
        {%- set present = adapter.get_columns_in_relation(features) | map(attribute='name') | list -%}
        {%- for relation in segment_plan().relations.values() -%}
            {%- do added.extend(relation.features | map(attribute='name') | reject('in', present)) -%}
        {%- endfor -%}
        {#- Early where that gains room; it does not where no column was dropped. -#}
        {%- if used + added | length > (1600 if used == present | length else 1500) -%}
            {%- do adapter.drop_relation(features) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
