{#-
    Statement that writes to the change log whose merges differ between the `known` profiles and the `present` ones, and whom they were merged
    into and are now: these profiles' rows change hands. A segment whose pointer is older learns of it from there, also where this run fails
    later. Of a full run, many are one row about everybody; an incremental one reads here itself whom it has to look at. Where no segment
    goes by the log, nothing is written.
-#}
{% macro log_merges(known, present, concerned) -%}
{%- if load_relation(change_log()) is not none -%}
with differences as (
    select
        profile_id,
        known.merged_into_profile_id as former_id,
        present.merged_into_profile_id as present_id
    from {{ known ~ ' as known' if concerned is none else '(select * from ' ~ known ~ ' inner join concerned_profiles using (profile_id)) as known' }}
    full join {{ present }} as present using (profile_id)
    where known.merged_into_profile_id is distinct from present.merged_into_profile_id
),

moved as (
    select distinct sides.profile_id
    from differences
    cross join lateral (values (profile_id), (former_id), (present_id)) as sides (profile_id)
    where sides.profile_id is not null
)

insert into {{ change_log() }} (kind, id, source)
select
    case when many.are_many then 'everything' else 'profile' end,
    case when not many.are_many then moved.profile_id end,
    'refresh'
from (
    select {{ 'count(*) > ' ~ (var('capture_bulk_limit') | int) if concerned is none else 'false' }} as are_many
    from moved
) as many
left join moved on not many.are_many
where
    (many.are_many or moved.profile_id is not null)
    and exists (
        select 1 from {{ ref('segment_publications') }} as publications where publications.pointer is not null
    );
{%- endif -%}
{%- endmacro %}
