{#- The part of the statement that is about profiles: the memberships, the changes, each profile's segments, and its clock. -#}
{% macro publish_profiles_ctes(target, tables, as_of, run) -%}
published_moves as not materialized (
    select moves.*
    from moves
    cross join held_ids
    -- Who is erased leaves the held ones, too.
    where moves.segment_id <> all(held_ids.ids) or moves.reason = 'erased'
),

removed as (
    delete from {{ target }} as memberships
    using published_moves
    where
        not published_moves.has_entered
        and memberships.segment_id = published_moves.segment_id
        and memberships.profile_id = published_moves.profile_id
),

added as (
    insert into {{ target }} (segment_id, profile_id, website_id, entered_at, run_id)
    select published_moves.segment_id, published_moves.profile_id, published_moves.website_id, {{ as_of }}, run.run_id
    from published_moves
    cross join run
    where published_moves.has_entered
),

moved as (
    -- Those who stay, of a profile that is on another website now.
    update {{ target }} as memberships
    set website_id = settled.website_id
    from settled
    where
        settled.has_moved
        and memberships.profile_id = settled.profile_id
        and memberships.segment_id = any(settled.segment_ids)
        and memberships.website_id is distinct from settled.website_id
),

logged as (
    insert into {{ tables.segment_membership_changes }} (segment_id, profile_id, change, changed_at, reason, run_id)
    select
        published_moves.segment_id,
        published_moves.profile_id,
        case when published_moves.has_entered then 'entered' else 'left' end,
        {{ as_of }},
        case
            when published_moves.reason in ('merged', 'repair') then published_moves.reason
            when published_moves.segment_id = any({{ redefined_ids(run) }}) then 'definition'
            -- Of what happened while it was held or failed, nobody knows what was the clock's.
            when published_moves.segment_id = any({{ overdue_ids(run) }}) then 'data'
            else coalesce(published_moves.reason, 'data')
        end,
        run.run_id
    from published_moves
    cross join run
    -- Of who is erased, only counts remain.
    where published_moves.reason is distinct from 'erased'
),

clocks_kept as (
    insert into {{ tables.profile_clocks }} as kept (profile_id, next_change_at, renewed_at)
    select profile_id, next_change_at, {{ as_of }}
    from differences
    where has_new_clock and reason is distinct from 'erased'
    on conflict (profile_id) do update set next_change_at = excluded.next_change_at, renewed_at = excluded.renewed_at
),

clocks_dropped as (
    delete from {{ tables.profile_clocks }} as kept
    using differences
    where differences.reason = 'erased' and kept.profile_id = differences.profile_id
)
{%- endmacro %}


{#- Numbers of the segments whose entries and exits their definition explains: new, edited, and gone ones. -#}
{% macro redefined_ids(run) -%}
    {%- set numbers = run.ended | list -%}
    {%- for name in run.redefined -%}{%- do numbers.append(run.ids[name]) -%}{%- endfor -%}
    {{ return(integer_array(numbers)) }}
{%- endmacro %}


{#- Numbers of the segments that were held or failed, and are evaluated for everybody though their definition is the same. -#}
{% macro overdue_ids(run) -%}
    {%- set numbers = [] -%}
    {%- for name in run.renewed if name not in run.redefined -%}{%- do numbers.append(run.ids[name]) -%}{%- endfor -%}
    {{ return(integer_array(numbers)) }}
{%- endmacro %}


{#- The part of the statement that keeps each profile's segments as one array, those that are held as they were. -#}
{% macro keep_arrays_ctes(tables) -%}
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
    on conflict (profile_id) do update set website_id = excluded.website_id, segment_ids = excluded.segment_ids
),

arrays_dropped as (
    delete from {{ tables.profile_segments }} as kept
    using settled
    where kept.profile_id = settled.profile_id and cardinality(settled.segment_ids) = 0
)
{%- endmacro %}


{#-
    Erases those whom the shop no longer has: of their identities the bare number stays, so that nobody else is given it, and of their
    changes nothing, in whichever segment. Their memberships end with everybody else's, among the differences.
-#}
{% macro erase_profiles_ctes(tables, as_of, run) -%}
erased as (
    update {{ tables.profile_identities }} as identities
    set customer_id = null, website_id = null, email = null, visitor_id = null, erased_at = {{ as_of }}
    {%- if run.mode != 'full' %}
    from {{ tables.changed_profiles }} as changes
    {%- endif %}
    where
        identities.erased_at is null
        {%- if run.mode != 'full' %}
        and identities.profile_id = changes.profile_id
        {%- endif %}
        and not exists (select 1 from {{ tables.profiles }} as profiles where profiles.profile_id = identities.profile_id)
    returning identities.profile_id
),

changes_erased as (
    delete from {{ tables.segment_membership_changes }} as changes
    -- An array, so that the few of them are found by the index, however many changes there are.
    where changes.profile_id = any(array(select erased.profile_id from erased))
)
{%- endmacro %}
