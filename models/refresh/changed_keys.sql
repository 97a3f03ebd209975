{{ config(materialized='table', post_hook='analyze {{ this }}') }}

{%- set scope = ref('refresh_scope') %}
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
{%- endif %}
