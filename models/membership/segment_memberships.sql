{{
    config(
        materialized='incremental_membership',
        indexes=[
            {'columns': ['segment_id', 'profile_id'], 'unique': true},
            {'columns': ['profile_id']},
        ],
        post_hook="{{ move_refresh_pointer(ref('refresh_pointers'), 'clocks', get_refresh_scope(ref('refresh_scope'))) }}",
    )
}}

{%- do publication_tables() -%}
{%- set plan = segment_plan() -%}
{%- set tables = {} -%}
{%- for model in table_models(plan_profiles(plan)) -%}{%- do tables.update({model: ref(model)}) -%}{%- endfor -%}
{%- set known = {
    'features': ref('profile_features'), 'published': ref('profile_segments'), 'clocks': ref('profile_clocks'),
    'changes': ref('changed_profiles'),
} -%}
{%- set scope = get_publication_scope(plan, ref('refresh_scope'), ref('segment_definitions'), ref('segment_publications')) -%}

{#- While dbt reads the project nobody needs the query, which is long where there are many segments; but what conditions read. -#}
{%- do render_conditions(plan, get_as_of()) if not execute -%}
{{ publication_differences_query(plan=plan, tables=tables, known=known, scope=scope, as_of=get_as_of()) if execute }}
