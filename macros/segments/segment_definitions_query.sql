{#-
    The segments of the plan with the ids they have, or get: an id is given once to a name and never again to another. `known` is the
    table as it stands, or none. A segment that is no longer in the plan stays, switched off, so that it can come back as itself; one that
    was renamed goes on with the id of its former name.
-#}
{% macro segment_definitions_query(plan, known) -%}
{%- set text_columns = ['segment_name', 'label', 'description', 'owner', 'definition', 'definition_hash'] -%}
{%- set rows = [] -%}
{%- for segment in plan.segments -%}
    {%- set row = {'renamed_from': segment.get('renamed_from', [])} -%}
    {%- for name in text_columns + ['tags', 'audience', 'priority', 'is_active'] -%}
        {%- do row.update({name: segment.name if name == 'segment_name' else segment.get(name)}) -%}
    {%- endfor -%}
    {%- do rows.append(row) -%}
{%- endfor -%}
{#- One literal: a thousand segments have ten thousand values, and each call of a macro takes longer than the database does for one. -#}
with declared as (
    select
        position,
        {%- for column in text_columns %}
        segment ->> '{{ column }}' as {{ column }},
        {%- endfor %}
        {%- for column in ['tags', 'audience', 'renamed_from'] %}
        array(select jsonb_array_elements_text(segment -> '{{ column }}')) as {{ column }},
        {%- endfor %}
        (segment ->> 'priority')::numeric as priority,
        (segment ->> 'is_active')::boolean as is_active
    from jsonb_array_elements({{ sql_literal(tojson(rows), 'text') }}::jsonb) with ordinality as declared (segment, position)
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

identified as (
    select
        declared.*,
        coalesce(namesake.segment_id, former.segment_id) as known_id
    from declared
    left join known as namesake on declared.segment_name = namesake.segment_name
    left join lateral (
        select known.segment_id
        from unnest(declared.renamed_from) with ordinality as former (segment_name, position)
        inner join known on former.segment_name = known.segment_name
        order by former.position
        limit 1
    ) as former on namesake.segment_id is null
),

final as (
    select
        coalesce(
            known_id,
            (select coalesce(max(segment_id), 0) from known)
            + row_number() over (partition by known_id is null order by position)
        )::integer as segment_id,
        {%- for column in text_columns[:4] %}
        {{ column }}::text,
        {%- endfor %}
        definition_hash::text,
        tags,
        audience,
        definition::jsonb,
        priority::integer,
        is_active
    from identified
    union all
    select
        segment_id, segment_name, label, description, owner, definition_hash, tags, audience, definition::jsonb, priority,
        false as is_active
    from known
    where not exists (select 1 from identified where identified.known_id = known.segment_id)
)

select * from final
{%- endmacro %}


{#- Says which `renamed_from` comes to nothing: the new name has an id of its own already, or none of the former ones has. -#}
{% macro note_idle_renames(plan, known) -%}
    {%- set renamed = plan.segments | selectattr('renamed_from', 'defined') | selectattr('renamed_from') | list -%}
    {%- if renamed -%}
        {%- set built, active = [], [] -%}
        {%- for name, is_active in run_query("select segment_name, is_active from " ~ known).rows -%}
            {%- do built.append(name) -%}
            {%- do active.append(name) if is_active -%}
        {%- endfor -%}
        {%- for segment in renamed -%}
            {%- if segment.name not in built and not segment.renamed_from | select('in', built) | list -%}
                {%- do log(segment.name ~ " is new: nothing was ever built as " ~ segment.renamed_from | join(' or ') ~ ".", info=true) -%}
            {%- elif segment.name in built and segment.renamed_from | select('in', active) | list -%}
                {%- do log(
                    segment.name ~ " goes on as itself, since it was built before, and " ~ segment.renamed_from | join(', ') ~ " ends: "
                    ~ "`renamed_from` gives a former id only to a new name.", info=true
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
