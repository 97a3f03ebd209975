{#-
    The profiles whose segments, or whose website, differ from those published, one row each: profile_id, website_id, segment_ids (as they are now),
    previous_segment_ids (as published) and `departure_reason`, set where the profile itself is gone. `segment_ids` maps names to ids.
-#}
{% macro membership_differences_query(plan, tables, features, published, segment_ids, as_of) -%}
{%- set base = population_ctes(plan, tables, features, as_of) -%}
with {{ base.ctes }},

evaluated as (
    select
        {{ base.name }}.profile_id,
        {{ base.name }}.website_id,
        array_remove(array[
            {{ evaluated_segments(plan, segment_ids, base.scope) | indent(12) }}
        ]::integer[], null) as segment_ids
    from {{ base.name }}
),

published as (
    select
        profile_id,
        website_id,
        segment_ids
    from {{ published }}
),

compared as (
    select
        coalesce(evaluated.profile_id, published.profile_id) as profile_id,
        evaluated.website_id,
        (evaluated.website_id is distinct from published.website_id) as has_moved,
        coalesce(evaluated.segment_ids, '{}') as segment_ids,
        coalesce(published.segment_ids, '{}') as previous_segment_ids
    from evaluated
    full outer join published on evaluated.profile_id = published.profile_id
),

final as (
    select
        compared.profile_id,
        compared.website_id,
        compared.segment_ids,
        compared.previous_segment_ids,
        case
            when profiles.profile_id is null then 'erased'
            when profiles.merged_into_profile_id is not null then 'merged'
        end as departure_reason
    from compared
    left join {{ tables.profiles }} as profiles on compared.profile_id = profiles.profile_id
    where
        compared.segment_ids <> compared.previous_segment_ids
        or (compared.has_moved and cardinality(compared.segment_ids) > 0)
)

select * from final
{%- endmacro %}


{#- For each active segment, in the order of the ids: the id where the profile is in it, else null. -#}
{% macro evaluated_segments(plan, segment_ids, scope) -%}
    {%- set referenced = referenced_segments(plan) -%}
    {%- set by_id = {} -%}
    {%- for segment in plan.segments if segment.is_active -%}
        {%- do by_id.update({segment_ids[segment.name]: segment}) -%}
    {%- endfor -%}
    {%- for id in by_id | sort -%}
    {%- set segment = by_id[id] -%}
-- {{ segment.name }}
{% if segment.name in referenced -%}
case when {{ rule_condition({'segment': segment.name}, scope) }} then {{ id }} end
{%- else -%}
case
    when {{ laid_out_condition(segment.match, scope) | indent(8) }}
    then {{ id }}
end
{%- endif %}{{ ",\n" if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Names of the segments that active segments refer to: each of them is a column. -#}
{% macro referenced_segments(plan) -%}
    {%- set names = [] -%}
    {%- for segment in plan.segments if segment.is_active -%}{%- do names.extend(segment.references) -%}{%- endfor -%}
    {{ return(names | unique | list) }}
{%- endmacro %}


{#- A rule's condition, the parts of an `all` on lines of their own. -#}
{% macro laid_out_condition(rule, scope) -%}
    {%- set conditions = [] -%}
    {%- for part in rule.get('all', [rule]) -%}{%- do conditions.append(rule_condition(part, scope)) -%}{%- endfor -%}
    {{ return(conditions | join('\nand ')) }}
{%- endmacro %}
