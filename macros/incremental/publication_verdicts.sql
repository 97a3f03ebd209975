{#- What the differences come to: each entry and exit (`moves`), and their `counts` by segment. -#}
{% macro membership_moves_ctes(run) -%}
{%- if run.is_first %}
-- Nobody was in any: these are told apart again each time more cheaply than they are kept.
moves as not materialized (
    select
        unnest(differences.segment_ids) as segment_id,
        differences.profile_id,
        differences.website_id,
        true as has_entered,
        differences.reason
    from differences
),
{%- else %}
-- Read several times, so kept narrow.
moves as (
    select
        arrived.segment_id,
        differences.profile_id,
        differences.website_id,
        true as has_entered,
        differences.reason
    from differences
    cross join unnest(differences.segment_ids) as arrived (segment_id)
    where arrived.segment_id <> all(differences.previous_segment_ids)
    union all
    select
        departed.segment_id,
        differences.profile_id,
        differences.website_id,
        false as has_entered,
        differences.reason
    from differences
    cross join unnest(differences.previous_segment_ids) as departed (segment_id)
    where departed.segment_id <> all(differences.segment_ids)
),
{%- endif %}

counts as (
    select
        segment_id,
        count(*) filter (where has_entered) as entered_count,
        count(*) filter (where not has_entered) as left_count,
        count(*) filter (where reason = 'erased') as erased_count
    from moves
    group by segment_id
)
{%- endmacro %}


{#-
    Which segments are held, with the reason: those whose guard is broken, that the shop's tables are too suspicious for, or that refer to
    one that is held; but not one that somebody released. Then what becomes of each segment of the run (`outcomes`): `status` is missing
    where it is none of the run, and only loses those who were erased.
-#}
{% macro publication_verdicts_ctes(tables, run) -%}
{{ judged_ctes(tables, run) }},

-- In `with recursive`: who refers to a held one is held, and so on.
held as (
    select
        judged.segment_id,
        judged.segment_name,
        judged.held_reason
    from judged
    where judged.held_reason is not null
    union
    select
        dependants.segment_id,
        dependants.segment_name,
        'it refers to ' || held.segment_name || ', which is held'
    from held
    inner join {{ reference_rows(run) | indent(4) }} as dependants (segment_id, segment_name, reference_id)
        on held.segment_id = dependants.reference_id
),

held_once as (
    select distinct on (held.segment_id)
        held.segment_id,
        held.held_reason
    from held
    left join judged on held.segment_id = judged.segment_id
    order by held.segment_id, held.held_reason <> judged.held_reason nulls last, held.held_reason
),

-- As one array: what is asked of each of many moves.
held_ids as (
    select coalesce(array_agg(segment_id), '{}') as ids from held_once
),

outcomes as (
    select
        definitions.segment_id,
        definitions.segment_name,
        case
            when failed.segment_id is not null then 'failed'
            when held_once.segment_id is not null then 'held'
            when judged.segment_id is not null or definitions.segment_id = any({{ integer_array(run.ended) }}) then 'published'
        end as status,
        held_once.held_reason,
        failed.error,
        case when kept.is_kept then 0 else coalesce(counts.entered_count, 0) end as entered_count,
        case when kept.is_kept then coalesce(counts.erased_count, 0) else coalesce(counts.left_count, 0) end as left_count,
        coalesce(counts.erased_count, 0) as erased_count
    from {{ tables.segment_definitions }} as definitions
    left join judged on definitions.segment_id = judged.segment_id
    left join held_once on definitions.segment_id = held_once.segment_id
    left join {{ failed_rows(run) | indent(4) }} as failed (segment_id, error)
        on definitions.segment_id = failed.segment_id
    left join counts on definitions.segment_id = counts.segment_id
    cross join lateral (
        select
            held_once.segment_id is not null
            or (judged.segment_id is null and definitions.segment_id <> all({{ integer_array(run.ended) }})) as is_kept
    ) as kept
    where
        judged.segment_id is not null
        or failed.segment_id is not null
        or definitions.segment_id = any({{ integer_array(run.ended) }})
        or counts.erased_count > 0
)
{%- endmacro %}


{#- Each evaluated segment with one that it refers to, as rows. -#}
{% macro reference_rows(run) -%}
{%- set rows = [] -%}
{%- for segment in run.guards -%}{%- for reference in segment.references -%}
    {%- do rows.append("(" ~ segment.id ~ ", " ~ sql_literal(segment.name, 'text') ~ ", " ~ run.ids[reference] ~ ")") -%}
{%- endfor -%}{%- endfor -%}
(values {{ rows | join(', ') or "(0, '', 0)" }})
{%- endmacro %}


{#- Each segment that is left out with its error, as rows. -#}
{% macro failed_rows(run) -%}
{%- set rows = [] -%}
{%- for name, error in run.failed.items() if name in run.ids -%}
    {%- do rows.append("(" ~ run.ids[name] ~ ", " ~ sql_literal(nameless_error(error), 'text') ~ ")") -%}
{%- endfor -%}
(values {{ rows | join(', ') or "(0, '')" }})
{%- endmacro %}
