{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{#- With clocks instead of triggers, the log has what refreshes and audits wrote. -#}
{%- set scope, pointers = ref('refresh_scope'), ref('refresh_pointers') %}
{%- if get_refresh_scope(scope).mode == 'full' %}
{{ state_rows(model.columns) }}
{%- else %}
select
    news.kind,
    news.id,
    news.email,
    not bool_and(pg_visible_in_snapshot(news.transaction_id, (select scope.features_pointer from {{ scope }} as scope))) as is_new
from {{ change_log() }} as news
where
    {{ news_condition(
        'news', '(select scope.news_since from ' ~ scope ~ ' as scope)', '(select scope.pointer from ' ~ scope ~ ' as scope)'
    ) | indent }}
group by news.kind, news.id, news.email
{%- if var('change_capture') == 'clocks' %}
union all
select
    clock_keys.kind,
    clock_keys.id,
    clock_keys.email,
    true as is_new
from (
    {{ clock_keys_query(
        '(select least((select scope.previous_as_of from ' ~ scope ~ ' as scope), min(pointers.as_of)) from ' ~ pointers
        ~ ' as pointers where pointers.name <> \'full\')'
    ) | indent }}
) as clock_keys
{%- endif %}
{%- endif %}
