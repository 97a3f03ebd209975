{#-
    The passes over the relations that the plan's features need: a list of {name, relation, features, is_of_coming_rows}. One pass serves
    all features of a relation; those that count distinct values have a pass of their own, since one of them makes PostgreSQL sort all rows
    of a pass; so has the clock that waits for rows dated in the future, which the others don't read.
-#}
{% macro relation_passes(plan) -%}
    {%- set passes = [] -%}
    {%- for name, relation in plan.relations.items() -%}
        {%- set plain = relation.features | rejectattr('aggregate', 'in', ['count_distinct', 'arrival']) | list -%}
        {%- set distinct = relation.features | selectattr('aggregate', 'equalto', 'count_distinct') | list -%}
        {%- set coming = relation.features | selectattr('aggregate', 'equalto', 'arrival') | list -%}
        {%- if plain -%}{%- do passes.append({'name': name ~ '_features', 'relation': relation, 'features': plain}) -%}{%- endif -%}
        {%- if distinct -%}
            {%- do passes.append({'name': name ~ '_distinct_features', 'relation': relation, 'features': distinct}) -%}
        {%- endif -%}
        {%- if coming -%}
            {%- set bare = dict(relation, needs_time_zone=false, parents={}, extensions=[]) -%}
            {%- do passes.append({'name': name ~ '_to_come', 'relation': bare, 'features': coming, 'is_of_coming_rows': true}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(passes) }}
{%- endmacro %}


{#- A pass to be joined, in place: PostgreSQL goes through the whole statement once more for each CTE. -#}
{% macro joined_pass(pass, tables, as_of, among=none) -%}
left join (
    {{ relation_pass(pass, tables, as_of, among) | indent(4) }}
) as {{ pass.name }}
{%- endmacro %}


{#-
    One pass: a row per profile that has rows in the relation, with the pass's features. Rows dated at or after the run's instant don't
    exist yet; a row without a time always has. `tables` maps the plan's model names to relations. `among` restricts it to some profiles:
    {name: SQL of them, with profile_id and time_zone, by_lookup: whether each one's rows are looked up, instead of reading all rows}.
-#}
{% macro relation_pass(pass, tables, as_of, among=none) -%}
{%- set relation = pass.relation -%}
{%- set scope = {
    'rows': relation.model, 'parents': {}, 'zone': 'profiles.time_zone', 'today': 'profiles.today', 'as_of': as_of,
    'edges': pass.features | selectattr('aggregate', 'in', ['latest', 'first']) | list,
} -%}
{%- for parent in relation.parents -%}{%- do scope.parents.update({parent: 'parent_' ~ parent}) -%}{%- endfor -%}
{%- set rows = tables if among is none else dict(tables, **{relation.model: rows_among(tables[relation.model], among)}) -%}
select
    {{ relation.model }}.profile_id,
    {%- for feature in pass.features %}
    {{ feature_expression(feature, relation, scope) }} as {{ feature.name }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ extended_table(relation, rows) | string | indent(4) }} as {{ relation.model }}
{%- if relation.needs_time_zone %}
inner join (
    select
        profile_id,
        time_zone,
        {{ local_date(sql_literal(as_of.isoformat(), 'time'), 'time_zone') }} as today
    from {{ tables.profiles if among is none else among.name ~ ' as profiles' }}
    offset 0 {# A fence: the day is worked out once per profile, not once per row. #}
) as profiles
    on {{ relation.model }}.profile_id = profiles.profile_id
{%- endif %}
{%- for name, parent in relation.parents.items() %}
{%- set key = relation.model ~ "." ~ parent.column -%}
{%- if among is not none and among.by_lookup %}
left join lateral (
    {{ parent_query(parent, tables, as_of, key) | indent(4) }}
) as parent_{{ name }} on true
{%- else %}
left join (
    {{ parent_query(parent, tables, as_of) | indent(4) }}
) as parent_{{ name }}
    on {{ key }} = parent_{{ name }}.{{ parent.key }}
{%- endif %}
{%- endfor %}
{%- if pass.is_of_coming_rows %}
where
    {{ relation.model }}.{{ relation.time_column }} >= {{ sql_literal(as_of.isoformat(), 'time') }}
    {#- Says nothing of a row, but to the planner, which takes a third of all rows to lie beyond one bound, and few between two. #}
    and {{ relation.model }}.{{ relation.time_column }} <= timestamptz 'infinity'
{%- elif relation.time_column is not none %}
where ({{ relation.model }}.{{ relation.time_column }} < {{ sql_literal(as_of.isoformat(), 'time') }}) is not false
{%- endif %}
group by {{ relation.model }}.profile_id
{%- endmacro %}


{#-
    The rows of a relation that belong to some profiles, as a table. Looked up, the condition on one profile is fenced in with the relation,
    where it reaches the shop's own indexes; the columns that nobody asks for are left out all the same.
-#}
{% macro rows_among(rows, among) -%}
(
    select owned.*
    {%- if among.by_lookup %}
    from {{ among.name }} as owners
    cross join lateral (
        select *
        from {{ rows }} as rows_of_all
        where rows_of_all.profile_id = owners.profile_id
        offset 0
    ) as owned
    {%- else %}
    from {{ rows }} as owned
    inner join {{ among.name }} as owners on owned.profile_id = owners.profile_id
    {%- endif %}
)
{%- endmacro %}


{#-
    A parent's columns and the answers of the tests that are about the parent alone: worked out once per product, not once per item sold.
    With a `key`, SQL of it, the one row that has it.
-#}
{% macro parent_query(parent, tables, as_of, key=none) -%}
{%- set scope = {'rows': parent.model, 'parents': {}, 'as_of': as_of} -%}
select
    {{ parent.model }}.{{ parent.key }}
    {%- for column in parent.columns if column != parent.key -%},
    {{ parent.model }}.{{ column }}
    {%- endfor -%}
    {%- for test in parent.tests -%},
    {{ rule_condition(test.rule, scope) }} as {{ test.name }}
    {%- endfor %}
from {{ extended_table(parent, tables) }} as {{ parent.model }}
{%- if key is not none %}
where {{ parent.model }}.{{ parent.key }} = {{ key }}
{%- endif %}
{%- if parent.tests or key is not none %}
offset 0 {# A fence: without it the planner moves the tests to the rows of the relation. #}
{%- endif %}
{%- endmacro %}
