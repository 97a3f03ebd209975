{#- The part of the statement that keeps each profile's segments as one array, those that are held as they were. -#}
{% macro keep_arrays_ctes(tables, run) -%}
settled as not materialized (
    select
        differences.profile_id,
        differences.website_id,
        differences.previous_segment_ids,
        case
            when held_ids.ids = '{}' or differences.reason = 'erased' then differences.segment_ids
            else array(
                select present.segment_id
                from unnest(differences.segment_ids) as present (segment_id)
                where present.segment_id <> all(held_ids.ids)
                union all
                select before.segment_id
                from unnest(differences.previous_segment_ids) as before (segment_id)
                where before.segment_id = any(held_ids.ids)
                order by segment_id
            )
        end as segment_ids,
        differences.has_moved
    from differences
    cross join held_ids
    where differences.segment_ids <> differences.previous_segment_ids or differences.has_moved
),

arrays_kept as (
    insert into {{ tables.profile_segments }} as kept (profile_id, website_id, segment_ids)
    select profile_id, website_id, segment_ids
    from settled
    where cardinality(segment_ids) > 0 and (has_moved or segment_ids <> previous_segment_ids)
    {%- if not run.is_first %}
    on conflict (profile_id) do update set website_id = excluded.website_id, segment_ids = excluded.segment_ids
    {%- endif %}
),

arrays_dropped as (
    delete from {{ tables.profile_segments }} as kept
    using settled
    where kept.profile_id = settled.profile_id and cardinality(settled.segment_ids) = 0
)
{%- endmacro %}
