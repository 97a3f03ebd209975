{#- What the differences come to: each entry and exit (`moves`), their `counts` by segment, and the segments that were `redefined`. -#}
{% macro membership_moves_ctes(tables) -%}
redefined as (
    select definitions.segment_id
    from {{ tables.segment_definitions }} as definitions
    left join {{ tables.segment_publications }} as publications on definitions.segment_id = publications.segment_id
    where
        publications.definition_hash is distinct from definitions.definition_hash
        or publications.is_active is distinct from definitions.is_active
),

-- Read several times, so kept narrow.
moves as (
    select
        arrived.segment_id,
        differences.profile_id,
        differences.website_id,
        true as has_entered,
        null::text as departure_reason
    from differences
    cross join unnest(differences.segment_ids) as arrived (segment_id)
    where arrived.segment_id <> all(differences.previous_segment_ids)
    union all
    select
        departed.segment_id,
        differences.profile_id,
        differences.website_id,
        false as has_entered,
        differences.departure_reason
    from differences
    cross join unnest(differences.previous_segment_ids) as departed (segment_id)
    where departed.segment_id <> all(differences.segment_ids)
),

counts as (
    select
        segment_id,
        count(*) filter (where has_entered) as entered_count,
        count(*) filter (where not has_entered) as left_count,
        count(*) filter (where departure_reason = 'erased') as erased_count
    from moves
    group by segment_id
)
{%- endmacro %}


{#- The part of the statement that is about profiles: the memberships, the changes, and each profile's segments. -#}
{% macro publish_profiles_ctes(target, tables, as_of) -%}
removed as (
    delete from {{ target }} as memberships
    using moves
    where
        not moves.has_entered
        and memberships.segment_id = moves.segment_id
        and memberships.profile_id = moves.profile_id
),

added as (
    insert into {{ target }} (segment_id, profile_id, website_id, entered_at, run_id)
    select moves.segment_id, moves.profile_id, moves.website_id, {{ as_of }}, run.run_id
    from moves
    cross join run
    where moves.has_entered
),

moved as (
    -- Those who stay, of a profile that is on another website now.
    update {{ target }} as memberships
    set website_id = differences.website_id
    from differences
    where
        memberships.profile_id = differences.profile_id
        and memberships.segment_id = any(differences.segment_ids)
        and memberships.website_id is distinct from differences.website_id
),

logged as (
    insert into {{ tables.segment_membership_changes }} (segment_id, profile_id, change, changed_at, reason, run_id)
    select
        moves.segment_id,
        moves.profile_id,
        case when moves.has_entered then 'entered' else 'left' end,
        {{ as_of }},
        coalesce(moves.departure_reason, case when redefined.segment_id is null then 'data' else 'definition' end),
        run.run_id
    from moves
    left join redefined on moves.segment_id = redefined.segment_id
    cross join run
    -- Of who is erased, only counts remain.
    where moves.departure_reason is distinct from 'erased'
),

arrays_kept as (
    insert into {{ tables.profile_segments }} as kept (profile_id, website_id, segment_ids)
    select profile_id, website_id, segment_ids
    from differences
    where cardinality(segment_ids) > 0
    on conflict (profile_id) do update set website_id = excluded.website_id, segment_ids = excluded.segment_ids
),

arrays_dropped as (
    delete from {{ tables.profile_segments }} as kept
    using differences
    where kept.profile_id = differences.profile_id and cardinality(differences.segment_ids) = 0
)
{%- endmacro %}


{#- The part of the statement that is about segments, not profiles: what is published of each, and its size on the run's day. -#}
{% macro publish_segments_ctes(tables, as_of) -%}
sizes as (
    select
        definitions.segment_id,
        definitions.definition_hash,
        definitions.is_active,
        coalesce(publications.member_count, 0) + coalesce(counts.entered_count, 0) - coalesce(counts.left_count, 0)
            as member_count,
        coalesce(counts.entered_count, 0) as entered_count,
        coalesce(counts.left_count, 0) as left_count,
        coalesce(counts.erased_count, 0) as erased_count
    from {{ tables.segment_definitions }} as definitions
    left join {{ tables.segment_publications }} as publications on definitions.segment_id = publications.segment_id
    left join counts on definitions.segment_id = counts.segment_id
    -- A segment that is off is published once more, when it is emptied, and then left alone.
    where definitions.is_active or publications.is_active
),

publications_kept as (
    insert into {{ tables.segment_publications }} as kept (
        segment_id, definition_hash, is_active, member_count, entered_count, left_count, status, as_of, published_at, run_id
    )
    select
        sizes.segment_id, sizes.definition_hash, sizes.is_active, sizes.member_count, sizes.entered_count, sizes.left_count,
        'published', {{ as_of }}, clock_timestamp(), run.run_id
    from sizes
    cross join run
    on conflict (segment_id) do update set
        definition_hash = excluded.definition_hash,
        is_active = excluded.is_active,
        member_count = excluded.member_count,
        entered_count = excluded.entered_count,
        left_count = excluded.left_count,
        status = excluded.status,
        as_of = excluded.as_of,
        published_at = excluded.published_at,
        run_id = excluded.run_id
),

sizes_kept as (
    insert into {{ tables.segment_sizes }} as kept (
        segment_id, size_date, member_count, entered_count, left_count, erased_count
    )
    select
        segment_id, ({{ as_of }} at time zone 'UTC')::date, member_count, entered_count, left_count, erased_count
    from sizes
    on conflict (segment_id, size_date) do update set
        member_count = excluded.member_count,
        entered_count = kept.entered_count + excluded.entered_count,
        left_count = kept.left_count + excluded.left_count,
        -- Missing in rows from before erasures were counted.
        erased_count = coalesce(kept.erased_count, 0) + excluded.erased_count
    where
        excluded.entered_count > 0
        or excluded.left_count > 0
        or kept.member_count <> excluded.member_count
)
{%- endmacro %}


{#-
    Erases those whom the shop no longer has: of their identities the bare number stays, so that nobody else is given it, and of their
    changes nothing, in whichever segment. Their memberships end with everybody else's, among the differences.
-#}
{% macro erase_profiles_ctes(tables, as_of) -%}
erased as (
    update {{ tables.profile_identities }} as identities
    set customer_id = null, website_id = null, email = null, visitor_id = null, erased_at = {{ as_of }}
    where
        identities.erased_at is null
        and not exists (select 1 from {{ tables.profiles }} as profiles where profiles.profile_id = identities.profile_id)
    returning identities.profile_id
),

changes_erased as (
    delete from {{ tables.segment_membership_changes }} as changes
    -- An array, so that the few of them are found by the index, however many changes there are.
    where changes.profile_id = any(array(select erased.profile_id from erased))
)
{%- endmacro %}
