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
    {%- if not run.is_first %}
    on conflict (profile_id) do update set next_change_at = excluded.next_change_at, renewed_at = excluded.renewed_at
    {%- endif %}
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
