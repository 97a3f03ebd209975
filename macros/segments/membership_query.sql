{#-
    The CTEs that lead from features to answers: `population`, a row per profile that can be in a segment at all, with its columns and
    features; `attributes`, which adds the named attributes; then one CTE per level of segments that others refer to, each adding a column `is_in_<segment>`. `features` is the SQL name
    of the features. Returns {ctes: SQL, name: the last CTE's name, scope}.
-#}
{% macro population_ctes(plan, profiles, features, as_of) -%}
    {%- set referenced = referenced_segments(plan) -%}
    {%- set attributes = named_attributes(plan) -%}
    {%- set state = namespace(name='attributes' if attributes else 'population') -%}
    {%- set ctes -%}
population as (
    select
        profiles.*,
        {{ local_date(sql_literal(as_of.isoformat(), 'time'), 'profiles.time_zone') }} as _today
        {%- for relation in plan.relations.values() -%}{%- for feature in relation.features -%},
        profile_features.{{ feature.name }}
        {%- endfor -%}{%- endfor %}
    from {{ profiles }} as profiles
    inner join {{ features }} as profile_features on profiles.profile_id = profile_features.profile_id
    where
        profiles.merged_into_profile_id is null
        and profiles.is_active
        and (profiles.created_at < {{ sql_literal(as_of.isoformat(), 'time') }}) is not false
    offset 0 {# A fence: the day is worked out once per profile, not once per test. #}
)
    {%- if attributes -%}
,

attributes as (
    select
        population.*
        {%- for attribute in attributes.values() -%},
        {{ value_expression(attribute.value, population_scope('population', as_of)) }} as {{ attribute.name }}
        {%- endfor %}
    from population
    offset 0 {# A fence, for the same reason. #}
)
    {%- endif -%}
    {%- for level in range(plan.segments | map(attribute='level') | max | default(0)) -%}
    {%- set segments = plan.segments | selectattr('is_active') | selectattr('level', 'equalto', level)
        | selectattr('name', 'in', referenced) | list -%}
,

level_{{ level }} as (
    select
        {{ state.name }}.*
        {%- for segment in segments -%},
        (
            {{ laid_out_condition(segment.match, population_scope(state.name, as_of, attributes)) | indent(12) }}
        ) is true as {{ segment_flag(segment.name) }}
        {%- endfor %}
    from {{ state.name }}
    offset 0 {# A fence: flattened, a condition would be written out again at each mention of its segment. #}
)
    {%- set state.name = 'level_' ~ level -%}
    {%- endfor -%}
    {%- endset -%}
    {{ return({'ctes': ctes, 'name': state.name, 'scope': population_scope(state.name, as_of, attributes)}) }}
{%- endmacro %}


{% macro population_scope(name, as_of, attributes={}) -%}
    {{ return({
        'population': name, 'zone': name ~ '.time_zone', 'today': name ~ '._today', 'attributes': attributes, 'as_of': as_of,
    }) }}
{%- endmacro %}


{#-
    The profiles whose segments, or whose website, differ from those published, one row each: profile_id, website_id, segment_ids (as they are now),
    previous_segment_ids (as published) and `departure_reason`, set where the profile itself is gone. `segment_ids` maps names to ids.
-#}
{% macro membership_differences_query(plan, profiles, features, published, segment_ids, as_of) -%}
{%- set base = population_ctes(plan, profiles, features, as_of) -%}
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
    left join {{ profiles }} as profiles on compared.profile_id = profiles.profile_id
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
