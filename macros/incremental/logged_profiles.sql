{#-
    Query of the profiles that the change log itself names as news: profile_id, is_new, is_repair. Unlike keys of the shop, they count as soon
    as they are committed: this run itself wrote some.
-#}
{% macro logged_profiles(scope) -%}
select
    news.id as profile_id,
    not pg_visible_in_snapshot(news.transaction_id, (select scope.features_pointer from {{ scope }} as scope)) as is_new,
    news.kind = 'repair' as is_repair
from {{ change_log() }} as news
where
    news.kind in ('profile', 'repair')
    and {{ news_condition('news', '(select scope.news_since from ' ~ scope ~ ' as scope)', 'pg_current_snapshot()') | indent }}
{%- endmacro %}
