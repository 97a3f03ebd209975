{#-
    The CTEs that lead from features to answers: `population`, a row per profile that can be in a segment at all, with its columns and
    features; `attributes`, which adds the named attributes; then one CTE per level of segments that others refer to, each adding a column
    `_is_in_<segment>`. `tables` maps model names to relations, `features` is the SQL name of the features. Returns {ctes: SQL, name: the
    last CTE's name, scope}.
-#}
{% macro population_ctes(plan, tables, features, as_of) -%}
    {%- set referenced = referenced_segments(plan) -%}
    {%- set attributes = named_attributes(plan) -%}
    {%- set state = namespace(name='attributes' if attributes else 'population') -%}
    {%- set ctes -%}
population as (
    select
        profiles.*,
        {{ local_date(sql_literal(as_of.isoformat(), 'time'), 'profiles.time_zone') }} as _today
        {%- for relation in plan.relations.values() -%}{%- for feature in relation.features -%},
        {{ feature_or_default(feature, 'profile_features') }} as {{ feature.name }}
        {%- endfor -%}{%- endfor %}
    from {{ extended_table(plan_profiles(plan), tables) | string | indent(4) }} as profiles
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
