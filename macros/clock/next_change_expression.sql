{#-
    The least instant, from the run's on, until which every active segment answers as it does now, as far as time alone decides; null where
    it never will change one. It is not later than the first change, and seldom earlier. Over the population of `population_ctes`, whose
    scope is `scope`. Profiles that are not in it yet: `profiles_to_come`.
-#}
{% macro next_change_expression(plan, scope) -%}
    {%- set instants = [] -%}
    {%- for name in clock_features(plan) -%}
        {%- do instants.append(scope.population ~ "." ~ name) -%}
    {%- endfor -%}
    {%- for clock in plan.get('clocks', []) -%}
        {%- if clock.kind == 'window' -%}
            {%- do instants.append(window_boundary(clock, scope)) -%}
        {%- elif clock.kind == 'calendar_window' -%}
            {%- do instants.append(calendar_boundary(clock, scope)) -%}
        {%- elif clock.kind == 'condition' -%}
            {%- set dependence = clock_of_condition(clock.rule, scope) -%}
            {%- if dependence == 'always' -%}
                {%- do instants.append(sql_literal(scope.as_of.isoformat(), 'time')) -%}
            {%- elif dependence == 'midnight' -%}
                {%- do instants.append(day_boundary(scope.today ~ ' + 1', {}, scope)) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for zone, day in next_days(plan.get('clocks', []), scope).items() -%}
        {%- do instants.append(day_boundary(day, {'time_zone': zone or none}, scope)) -%}
    {%- endfor -%}
    {{ return(earliest(instants)) }}
{%- endmacro %}


{#-
    The profiles that are dated at or after the run's instant, which are in no segment yet, and when that changes: profile_id, website_id,
    next_change_at. `tables` maps model names to relations.
-#}
{% macro profiles_to_come(tables, as_of) -%}
select
    profile_id,
    website_id,
    created_at as next_change_at
from {{ tables.profiles }} as profiles
where
    created_at >= {{ sql_literal(as_of.isoformat(), 'time') }}
    and is_active
    and merged_into_profile_id is null
{%- endmacro %}


{#- Names of the plan's features that are clocks of relations: until the least of them, a profile's other features stay as they are. -#}
{% macro clock_features(plan) -%}
    {%- set names = [] -%}
    {%- for relation in plan.relations.values() -%}
        {%- do names.extend(
            relation.features | selectattr('aggregate', 'in', ['flip', 'arrival']) | map(attribute='name') | list
        ) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{#- Text that changes when other clocks, or those of other features, come into `next_change_expression`. -#}
{% macro clocks_fingerprint(plan) -%}
    {%- set clocks = clock_features(plan) -%}
    {%- for clock in plan.get('clocks', []) -%}{%- do clocks.append(tojson(clock)) -%}{%- endfor -%}
    {{ return(local_md5(clocks | sort | join(' '))) }}
{%- endmacro %}


{#- The least of instants that are set. -#}
{% macro earliest(instants) -%}
    {{ return("least(" ~ instants | join(', ') ~ ")" if instants else "null::timestamptz") }}
{%- endmacro %}


{#- The instant that a clock's value stands for: a date is its first moment in the clock's zone. -#}
{% macro clock_instant(clock, scope) -%}
    {%- set value = value_expression(clock.value, scope) -%}
    {{ return(day_start(value, zone_expression(clock, scope)) if clock.value.type == 'date' else value) }}
{%- endmacro %}
