{#-
    Statements that make the temporary table `concerned_viewers`: the profiles whose unlogged product views an incremental run has to work
    out anew. These are whom changed keys of customers and visitors name, whose merges changed, and whom the rows of these count for. For a
    pre-hook; nothing in a full run.
-#}
{% macro make_concerned_viewers(changed) -%}
{%- set identities, profiles, scope = ref('profile_identities'), ref('profiles'), ref('refresh_scope') -%}
{%- if changed is not none -%}
create temporary table concerned_viewers on commit drop as
with named as materialized (
    {{ rows_of_keys(['viewed.profile_id'], identities, 'customer_id', keys_of(changed, 'customer')) | indent }}
    union
    {{ rows_of_keys(['viewed.profile_id'], identities, 'visitor_id', keys_of(changed, 'visitor')) | indent }}
    union
    select logged.profile_id
    from (
        {{ logged_profiles(scope) | indent(8) }}
    ) as logged
)

select named.profile_id from named
union
select profiles.merged_into_profile_id
from named
inner join {{ profiles }} as profiles on named.profile_id = profiles.profile_id
where profiles.merged_into_profile_id is not null;
analyze concerned_viewers
{%- endif -%}
{%- endmacro %}
