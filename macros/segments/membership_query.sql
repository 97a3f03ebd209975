{#-
    The profiles whose segments, website or clock differ from those published, one row each: profile_id, website_id, segment_ids (as they are
    now), previous_segment_ids (as published), `reason` (`erased`, `merged`, `repair` or `clock`; missing where the shop's rows or a
    definition are), has_moved (to another website), next_change_at, and has_new_clock.

    `part` says whose: `whom` is `everybody`, `changed` (those of `changes`) or the `others`; `names` are the segments that are evaluated,
    `ended` the numbers of those that have no members any more; with `has_others` those that are neither stay as published, with
    `tells_clocks` it is worked out when clocks change an answer. `tables` are
    the models of the profiles, `published` and `clocks` what is known of them, `segment_ids` maps names to numbers.
-#}
{% macro membership_differences_query(plan, tables, features, published, clocks, changes, segment_ids, part, as_of) -%}
{%- set evaluated_plan = plan_of(plan, part.names) -%}
{%- set base = population_ctes(evaluated_plan, dict(tables, profiles='looked_at'), features, as_of) -%}
{%- set evaluated_ids = {} -%}
{%- for name in part.names -%}{%- do evaluated_ids.update({name: segment_ids[name]}) -%}{%- endfor -%}
{%- set numbers = part.ended + evaluated_ids.values() | list -%}
with looked_at as {{ '' if part.whom == 'changed' else 'not materialized ' }}(
    select profiles.*
    from {{ tables.profiles }} as profiles
    {{ part_condition(part, changes, 'profiles') }}
),

{{ base.ctes }},

evaluated as (
    select
        {{ base.name }}.profile_id,
        {{ base.name }}.website_id,
        array_remove(array[
            {{ evaluated_segments(evaluated_plan, evaluated_ids, base.scope) | indent(12) }}
        ]::integer[], null) as segment_ids,
        {{ next_change_expression(plan, base.scope) }} as next_change_at
    from {{ base.name }}
    {%- if not part.tells_clocks %}
    where false
    {%- endif %}
    {%- if part.whom != 'others' %}
    union all
    select
        to_come.profile_id,
        to_come.website_id,
        '{}' as segment_ids,
        to_come.next_change_at
    from (
        {{ profiles_to_come({'profiles': 'looked_at'}, as_of) | indent(8) }}
    ) as to_come
    {%- endif %}
),

published as (
    select
        published.profile_id,
        published.website_id,
        published.segment_ids
    from {{ published }} as published
    {{ part_condition(part, changes, 'published') }}
),

clocks as (
    select
        clocks.profile_id,
        clocks.next_change_at
    from {{ clocks }} as clocks
    {{ part_condition(part, changes, 'clocks') }}
),

compared as (
    select
        profile_id,
        (evaluated.profile_id is not null) as is_evaluated,
        case when evaluated.profile_id is null then published.website_id else evaluated.website_id end as website_id,
        {{ present_segments(numbers, part.has_others) | indent(8) }} as segment_ids,
        coalesce(published.segment_ids, '{}') as previous_segment_ids,
        (
            evaluated.profile_id is not null
            and published.profile_id is not null
            and (evaluated.website_id is distinct from published.website_id)
        ) as has_moved,
        evaluated.next_change_at,
        (
            (evaluated.next_change_at is distinct from clocks.next_change_at)
            {{- ' and evaluated.profile_id is not null' if part.whom == 'others' }}
        ) as has_new_clock
    from evaluated
    full outer join published using (profile_id)
    full outer join clocks using (profile_id)
),

suspected as (
    select *
    from compared
    where segment_ids <> previous_segment_ids or has_moved or has_new_clock or not is_evaluated
),

final as (
    select
        suspected.profile_id,
        suspected.website_id,
        case when profiles.profile_id is null then '{}' else suspected.segment_ids end as segment_ids,
        suspected.previous_segment_ids,
        case
            when profiles.profile_id is null then 'erased'
            when profiles.merged_into_profile_id is not null then 'merged'
            {%- if part.whom == 'changed' %}
            when 'merged' = any(changes.reasons) then 'merged'
            when 'repair' = any(changes.reasons) then 'repair'
            when 'clock' = any(changes.reasons) and not 'data' = any(changes.reasons) then 'clock'
            {%- endif %}
        end as reason,
        (suspected.has_moved and cardinality(suspected.segment_ids) > 0) as has_moved,
        suspected.next_change_at,
        suspected.has_new_clock
    from suspected
    left join {{ tables.profiles }} as profiles on suspected.profile_id = profiles.profile_id
    {%- if part.whom == 'changed' %}
    left join {{ changes }} as changes on suspected.profile_id = changes.profile_id
    {%- endif %}
)

select * from final
where segment_ids <> previous_segment_ids or has_moved or has_new_clock
{%- endmacro %}


{#- Keeps of `rows` those whom the part is about. -#}
{% macro part_condition(part, changes, rows) -%}
{%- if part.whom == 'changed' -%}
inner join {{ changes }} as changes on {{ rows }}.profile_id = changes.profile_id
{%- elif part.whom == 'others' -%}
where not exists (select 1 from {{ changes }} as changes where changes.profile_id = {{ rows }}.profile_id)
{%- endif -%}
{%- endmacro %}


{#- The segments that a profile is in now: those evaluated, and with `has_others` what was published beside the `numbers` evaluated or ended. -#}
{% macro present_segments(numbers, has_others) -%}
{%- if not has_others -%}{{ return("coalesce(evaluated.segment_ids, '{}')") }}{%- endif -%}
case
    when (published.segment_ids <@ {{ integer_array(numbers) }}) is not false then coalesce(evaluated.segment_ids, '{}')
    else array(
        select other.segment_id
        from unnest(published.segment_ids) as other (segment_id)
        where other.segment_id <> all({{ integer_array(numbers) }})
        union all
        select answered.segment_id
        from unnest(evaluated.segment_ids) as answered (segment_id)
        order by segment_id
    )
end
{%- endmacro %}
