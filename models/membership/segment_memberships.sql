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

{{
    membership_differences_query(
        plan=plan,
        tables=tables,
        features=ref('profile_features'),
        published=ref('profile_segments'),
        segment_ids=get_segment_ids(plan, ref('segment_definitions')),
        as_of=get_as_of(),
    )
}}
