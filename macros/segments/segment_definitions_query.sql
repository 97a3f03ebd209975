{#-
    The segments of the plan with the ids they have, or get: an id is given once to a name and never again to another. `known` is the
    table as it stands, or none. A segment that is no longer in the plan stays, switched off, so that it can come back as itself.
-#}
{% macro segment_definitions_query(plan, known) -%}
{%- set text_columns = ['segment_name', 'label', 'description', 'owner', 'definition', 'definition_hash'] -%}
with declared as (
    select *
    from (
        values
        {%- for segment in plan.segments %}
        (
            {{ loop.index }}, {{ sql_literal(segment.name, 'text') }}, {{ sql_literal(segment.label, 'text') }},
            {{ sql_literal(segment.description, 'text') }}, {{ sql_literal(segment.owner, 'text') }},
            {{ sql_literal(tojson(segment.definition), 'text') }}, {{ sql_literal(segment.definition_hash, 'text') }},
            {{ sql_array(segment.tags, 'text') }}, {{ sql_array(segment.audience, 'text') }},
            {{ sql_literal(segment.priority, 'number') }}, {{ sql_literal(segment.is_active, 'boolean') }}
        ){{ "," if not loop.last }}
        {%- else %}
        (1, null, null, null, null, null, null, null::text[], null::text[], 0, false)
        {%- endfor %}
    ) as declared (
        position, segment_name, label, description, owner, definition, definition_hash, tags, audience, priority, is_active
    )
    where segment_name is not null
),

known as (
    {%- if known is none %}
    select null::integer as segment_id, {% for column in text_columns %}null::text as {{ column }}, {% endfor %}
        null::text[] as tags, null::text[] as audience, null::integer as priority
    where false
    {%- else %}
    select segment_id, segment_name, label, description, owner, definition::text, definition_hash, tags, audience, priority
    from {{ known }}
    {%- endif %}
),

final as (
    select
        coalesce(
            known.segment_id,
            (select coalesce(max(segment_id), 0) from known)
            + row_number() over (partition by known.segment_id is null order by declared.position)
        )::integer as segment_id,
        {%- for column in text_columns[:4] %}
        declared.{{ column }}::text,
        {%- endfor %}
        declared.definition_hash::text,
        declared.tags,
        declared.audience,
        declared.definition::jsonb,
        declared.priority::integer,
        declared.is_active
    from declared
    left join known on declared.segment_name = known.segment_name
    union all
    select
        segment_id, segment_name, label, description, owner, definition_hash, tags, audience, definition::jsonb, priority,
        false as is_active
    from known
    where not exists (select 1 from declared where declared.segment_name = known.segment_name)
)

select * from final
{%- endmacro %}


{#- Ids by segment name, from the table that keeps them; before it exists, by their order in the plan. -#}
{% macro get_segment_ids(plan, definitions) -%}
    {%- set ids = {} -%}
    {%- for segment in plan.segments -%}{%- do ids.update({segment.name: loop.index}) -%}{%- endfor -%}
    {%- if execute and load_relation(definitions) is not none -%}
        {%- for row in run_query("select segment_name, segment_id from " ~ definitions).rows -%}
            {%- do ids.update({row[0]: row[1] | int}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(ids) }}
{%- endmacro %}
