-- depends_on: {{ ref('changed_profiles') }}
{{
    config(
        materialized='incremental',
        incremental_strategy='difference',
        unique_key='profile_id',
        on_schema_change='sync_all_columns',
        indexes=[{'columns': ['profile_id'], 'unique': true}],
        post_hook='analyze {{ this }}',
    )
}}

{%- set plan = segment_plan() -%}
{%- set tables = {} -%}
{%- for model in plan_models(plan) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}

{#- While dbt reads the project nobody needs the query, which is long where there are many segments. -#}
{{ profile_features_query(plan, tables, get_as_of()) if execute }}
