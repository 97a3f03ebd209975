{{
    config(
        materialized='incremental',
        incremental_strategy='features',
        on_schema_change='ignore',
        unique_key='profile_id',
        indexes=[{'columns': ['profile_id'], 'unique': true}],
        pre_hook="{{ plan_joins_together() }}",
        post_hook=[
            "{{ analyze_new_features(this) }}",
            "{{ move_features_pointer(ref('refresh_pointers'), get_refresh_scope(ref('refresh_scope'))) }}",
        ],
    )
}}

{%- set plan = segment_plan() -%}
{%- set tables = feature_tables(plan) -%}
{%- set refresh = get_features_refresh(plan, tables, this if is_incremental() else none, get_as_of()) -%}

{#- While dbt reads the project nobody needs the query, which is long where there are many segments. -#}
{{
    due_features_query(plan, tables, this, refresh, get_as_of()) if execute and refresh.is_partial
    else profile_features_query(plan, tables, get_as_of()) if execute
}}
