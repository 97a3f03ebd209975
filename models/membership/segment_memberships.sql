{{
    config(
        materialized='incremental_membership',
        indexes=[
            {'columns': ['segment_id', 'profile_id'], 'unique': true},
            {'columns': ['profile_id']},
        ],
        post_hook='analyze {{ this }}',
    )
}}

{%- do publication_tables() -%}
{%- set plan = segment_plan() -%}
{%- set tables = {} -%}
{%- for model in table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- set features, published = ref('profile_features'), ref('profile_segments') -%}
{%- set definitions = ref('segment_definitions') -%}

{#- While dbt reads the project nobody needs the query, which is long where there are many segments; but what conditions read. -#}
{%- do render_conditions(plan, get_as_of()) if not execute -%}
{{
    membership_differences_query(
        plan=plan,
        tables=tables,
        features=features,
        published=published,
        segment_ids=get_segment_ids(plan, definitions),
        as_of=get_as_of(),
    ) if execute
}}
