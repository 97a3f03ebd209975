{#-
    Every feature of the plan for the profiles that this run has to work out anew. Of a profile only the passes that are due are made: all
    where the shop has news of it, else those whose answers the clock has changed; the other features are taken over from `features`, the
    table as it is. `refresh` is what get_features_refresh returns.
-#}
{% macro due_features_query(plan, tables, features, refresh, as_of) -%}
{%- set passes = [] -%}
{%- for pass in relation_passes(plan) -%}
    {%- set count = refresh.due_counts[pass.name] -%}
    {%- set added = pass.features | map(attribute='name') | reject('in', refresh.columns) | list -%}
    {%- if count or added -%}
        {%- do passes.append({'pass': pass, 'among': {
            'name': '(select profile_id, time_zone from due_profiles where ' ~ pass.name ~ '_due)',
            'by_lookup': count <= refresh.lookup_limit,
        }}) -%}
    {%- endif -%}
{%- endfor -%}
with due_profiles as materialized (
    {{ due_profiles_query(plan, tables, features, refresh.columns, as_of) | indent(4) }}
)

select
    due_profiles.profile_id
    {%- for pass in relation_passes(plan) -%}{%- for feature in pass.features -%},
    {{ renewed_feature(feature, pass.name, refresh) }} as {{ feature.name }}
    {%- endfor -%}{%- endfor %}
from due_profiles
left join {{ features }} as kept on due_profiles.profile_id = kept.profile_id
{%- for made in passes %}
{{ joined_pass(made.pass, tables, as_of, made.among) }}
    on due_profiles.profile_id = {{ made.pass.name }}.profile_id
{%- endfor %}
{%- endmacro %}


{#- A feature from its pass where that is due, else as it was; one that is new is worked out for all others afterwards. -#}
{% macro renewed_feature(feature, pass, refresh) -%}
    {%- set is_known = feature.name in refresh.columns -%}
    {%- if is_known and not refresh.due_counts[pass] -%}
        {{ return("kept." ~ feature.name) }}
    {%- elif refresh.due_counts[pass] == refresh.profile_count -%}
        {{ return(stored_feature(feature, pass)) }}
    {%- endif -%}
    {{ return(
        "case when due_profiles." ~ pass ~ "_due then " ~ stored_feature(feature, pass)
        ~ (" else kept." ~ feature.name if is_known else "") ~ " end"
    ) }}
{%- endmacro %}


{#-
    The profiles of the change set that have a pass to be made: profile_id, time_zone, and for each pass `<pass>_due`. A pass is due where
    the shop has news of the profile or nothing is known of it yet, and where the clock has changed an answer of the relation or a row of
    the future has come. `columns` are those that `features` has: before it has the one that says when, all whom the clock woke are due.
-#}
{% macro due_profiles_query(plan, tables, features, columns, as_of) -%}
{%- set instant = sql_literal(as_of.isoformat(), 'time') -%}
{%- set flags = {} -%}
{%- for pass in relation_passes(plan) -%}
    {%- set reasons = ["changed_profiles.has_news", "kept.profile_id is null"] -%}
    {%- set clocks = pass.features if pass.is_of_coming_rows else pass.relation.features -%}
    {%- for clock in clocks | selectattr('aggregate', 'in', ['flip', 'arrival']) -%}
        {%- do reasons.append(
            "(kept." ~ clock.name ~ " < " ~ instant ~ ") is true" if clock.name in columns
            else "'clock' = any(changed_profiles.reasons)"
        ) -%}
    {%- endfor -%}
    {%- do flags.update({pass.name ~ "_due": reasons | join(" or ")}) -%}
{%- endfor -%}
select *
from (
    select
        profiles.profile_id,
        profiles.time_zone,
        changed_profiles.has_news or kept.profile_id is null as is_due
        {%- for flag, condition in flags.items() -%},
        {{ condition }} as {{ flag }}
        {%- endfor %}
    from {{ tables.changed_profiles }} as changed_profiles
    inner join {{ tables.profiles }} as profiles on changed_profiles.profile_id = profiles.profile_id
    left join {{ features }} as kept on changed_profiles.profile_id = kept.profile_id
    offset 0 {# A fence: of all profiles few are due, which makes the planner expect one of these, where it is nearly all. #}
) as looked_at
where {{ (['is_due'] + flags | list) | join(' or ') }}
{%- endmacro %}


{#- The plan with no features but these, and no relations but theirs. -#}
{% macro plan_of_features(plan, names) -%}
    {%- set relations = {} -%}
    {%- for name, relation in plan.relations.items() -%}
        {%- set features = relation.features | selectattr('name', 'in', names) | list -%}
        {%- if features -%}{%- do relations.update({name: dict(relation, features=features)}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(dict(plan, relations=relations)) }}
{%- endmacro %}
