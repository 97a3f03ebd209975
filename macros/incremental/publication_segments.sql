{#-
    The part of the statement that is about segments, not profiles: what is published of each, its size on the run's day, and the rows of
    the shop's tables that it was published from. Of one that is not published now, all stays but how it went, and its number of members.
-#}
{% macro publish_segments_ctes(tables, as_of, run) -%}
publications as (
    select
        outcomes.segment_id,
        coalesce(outcomes.status = 'published', false) as is_published,
        coalesce(outcomes.status, before.status) as status,
        case when outcomes.status is null then before.held_reason else outcomes.held_reason end as held_reason,
        case when outcomes.status is null then before.error else outcomes.error end as error,
        coalesce(before.member_count, 0) + outcomes.entered_count - outcomes.left_count as member_count,
        outcomes.entered_count,
        outcomes.left_count,
        outcomes.erased_count,
        definitions.definition_hash,
        definitions.is_active
    from outcomes
    inner join {{ tables.segment_definitions }} as definitions on outcomes.segment_id = definitions.segment_id
    left join {{ tables.segment_publications }} as before on outcomes.segment_id = before.segment_id
),

publications_kept as (
    insert into {{ tables.segment_publications }} as kept (
        segment_id, status, held_reason, error, member_count,
        definition_hash, is_active, entered_count, left_count, as_of, published_at, run_id, pointer, capture_key, accepted_at
    )
    select
        publications.segment_id, publications.status, publications.held_reason, publications.error, publications.member_count,
        {%- set published = {
            'definition_hash': 'publications.definition_hash',
            'is_active': 'publications.is_active',
            'entered_count': 'publications.entered_count',
            'left_count': 'publications.left_count',
            'as_of': as_of,
            'published_at': 'clock_timestamp()',
            'run_id': 'run.run_id',
            'pointer': sql_literal(run.pointer, 'text') ~ '::pg_snapshot',
            'capture_key': sql_literal(run.capture_key, 'text'),
            'accepted_at': 'null',
        } -%}
        {%- for column, value in published.items() %}
        case when publications.is_published then {{ value }} else before.{{ column }} end{{ "," if not loop.last }}
        {%- endfor %}
    from publications
    cross join run
    left join {{ tables.segment_publications }} as before on publications.segment_id = before.segment_id
    on conflict (segment_id) do update set
        {%- for column in ['status', 'held_reason', 'error', 'member_count'] + published | list %}
        {{ column }} = excluded.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
),

sizes_kept as (
    insert into {{ tables.segment_sizes }} as kept (
        segment_id, size_date, member_count, entered_count, left_count, erased_count
    )
    select
        segment_id, ({{ as_of }} at time zone 'UTC')::date, member_count, entered_count, left_count, erased_count
    from publications
    where is_published or erased_count > 0
    on conflict (segment_id, size_date) do update set
        member_count = excluded.member_count,
        entered_count = kept.entered_count + excluded.entered_count,
        left_count = kept.left_count + excluded.left_count,
        -- Missing in rows from before erasures were counted.
        erased_count = coalesce(kept.erased_count, 0) + excluded.erased_count
    where
        excluded.entered_count > 0
        or excluded.left_count > 0
        or kept.member_count <> excluded.member_count
),

-- Who releases a segment that a table's loss of rows held has looked at the table: from then on it is taken as it is.
sources_kept as (
    insert into {{ tables.source_counts }} as kept (source_name, row_count, counted_at)
    select counted.source_name, counted.row_count, {{ as_of }}
    from {{ source_count_rows(run) | indent(4) }} as counted (source_name, row_count)
    where exists (select 1 from publications where publications.is_published)
    on conflict (source_name) do update set row_count = excluded.row_count, counted_at = excluded.counted_at
    where kept.row_count <> excluded.row_count
)
{%- endmacro %}


{#- The counted tables of the shop, as rows. -#}
{% macro source_count_rows(run) -%}
{%- set rows = [] -%}
{%- for name, row_count in run.source_counts.items() -%}
    {%- do rows.append("(" ~ sql_literal(name, 'text') ~ ", " ~ sql_literal(row_count, 'number') ~ "::bigint)") -%}
{%- endfor -%}
{%- if not rows -%}{{ return("(select null::text, null::bigint where false)") }}{%- endif -%}
(values {{ rows | join(', ') }})
{%- endmacro %}
