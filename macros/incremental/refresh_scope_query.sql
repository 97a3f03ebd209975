{#-
    The row of refresh_scope: whether this run looks at everybody, why, and from which pointers on changes are news. `made` says whether the
    tables that an incremental run goes on from are there; `capture_key` names the capture that pointers are good for, none without one.
-#}
{% macro refresh_scope_query(plan, definitions, publications, pointers, made, capture_key) -%}
{%- set as_of = sql_literal(get_as_of().isoformat(), 'time') -%}
{%- set reason = full_refresh_reason(made, capture_key) -%}
with selected as (
    -- A segment that is new, edited, back again, or was held or failed, is evaluated for everybody in any case.
    select
        'the segment ' || definitions.segment_name as name,
        publications.pointer,
        publications.capture_key,
        publications.as_of
    from {{ definitions }} as definitions
    inner join {{ publications }} as publications on definitions.segment_id = publications.segment_id
    where
        definitions.segment_name = any({{ sql_array(run_segments(plan), 'text') }})
        and publications.definition_hash = definitions.definition_hash
        and publications.is_active
        and publications.status = 'published'
),

shared as (
    select
        'the table ' || names.name as name,
        pointers.pointer,
        pointers.capture_key,
        pointers.as_of
    from unnest({{ sql_array(shared_pointers(), 'text') }}) as names (name)
    left join {{ pointers }} as pointers on names.name = pointers.name
),

all_pointers as (
    select * from selected
    union all
    select * from shared
),

final as (
    select
        {{ as_of }} as as_of,
        pg_current_snapshot() as pointer,
        (select min(selected.as_of) from selected) as previous_as_of,
        (select array_agg(distinct all_pointers.pointer::text)::pg_snapshot[] from all_pointers) as news_since,
        (select shared.pointer from shared where shared.name = 'the table features') as features_pointer,
        {{ sql_literal(reason, 'text') if reason else change_reason(capture_key, as_of, pointers) | indent(8) }} as full_reason
)

select
    case when final.full_reason is null then 'incremental' else 'full' end as mode,
    coalesce(
        final.full_reason,
        'changes since ' || to_char(final.previous_as_of at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS UTC'),
        'changes since the last refresh'
    ) as why,
    final.pointer,
    case when final.full_reason is null then final.news_since end as news_since,
    case when final.full_reason is null then final.features_pointer end as features_pointer,
    {{ sql_literal(capture_key, 'text') }}::text as capture_key,
    final.as_of,
    final.previous_as_of,
    not exists (
        select 1
        from {{ pointers }} as pointers
        where pointers.name = 'clocks' and pointers.clocks = {{ sql_literal(clocks_fingerprint(plan), 'text') }}
    ) as has_new_clocks,
    {{ sql_literal(invocation_id, 'text') }} as invocation_id
from final
{%- endmacro %}


{#- The tables that all segments share, each with a pointer of its own. -#}
{% macro shared_pointers() -%}
    {{ return(['profiles', 'unlogged_product_views', 'features', 'clocks']) }}
{%- endmacro %}


{#- Why this run has to look at everybody, as far as that is known before the pointers are read; else none. -#}
{% macro full_refresh_reason(made, capture_key) -%}
    {%- if var('refresh_mode') not in ('full', 'auto') -%}
        {{ exceptions.raise_compiler_error("The variable refresh_mode must be full or auto. Got: " ~ var('refresh_mode')) }}
    {%- elif var('refresh_mode') == 'full' or flags.FULL_REFRESH -%}
        {{ return(var('full_because') or "a full refresh was asked for") }}
    {%- elif not made -%}
        {{ return("nothing was built yet that a refresh could go on from") }}
    {%- elif var('change_capture') == 'clocks' and get_as_of() > run_started_at -%}
        {{ return("clocks do not tell what changes until an instant that is yet to come") }}
    {%- elif capture_key is none -%}
        {{ return("changes of the shop's tables are not captured") }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}


{#- SQL of why the pointers or the change log make this run look at everybody; null where they don't. -#}
{% macro change_reason(capture_key, as_of, pointers) -%}
case
    when exists (select 1 from all_pointers where all_pointers.pointer is null)
        then (
            select string_agg(all_pointers.name, ', ' order by all_pointers.name) || ' was not refreshed by this code since changes are captured'
            from all_pointers
            where all_pointers.pointer is null
        )
    when exists (select 1 from all_pointers where all_pointers.capture_key is distinct from {{ sql_literal(capture_key, 'text') }})
        then 'changes were not captured all the time, tables were loaded or made anew, or guests count in another way now'
    when exists (select 1 from shared where shared.as_of > {{ as_of }})
        then 'it is for an instant before that of the last refresh'
    {%- if var('change_capture') == 'clocks' %}
    when not exists (
        select 1
        from {{ pointers }} as pointers
        where
            pointers.name = 'full'
            and pointers.as_of > {{ as_of }} - interval '1 hour' * {{ sql_literal(var('full_compare_hours'), 'number') }}
    )
        then 'clocks do not tell everything, and the last full refresh was too long ago'
    when exists (
        select 1
        from ({{ clock_keys_query('(select min(all_pointers.as_of) from all_pointers)') | indent(8) }}) as news
        where news.kind <> all({{ sql_array(known_key_kinds(), 'text') }})
    )
        then 'everybody may be concerned: settings of the shop'
    {%- endif %}
    else (
        select 'everybody may be concerned: ' || string_agg(distinct news.source, ', ')
        from {{ change_log() }} as news
        where
            news.kind <> all({{ sql_array(known_key_kinds(), 'text') }})
            and {{ news_condition('news', '(select array_agg(all_pointers.pointer) from all_pointers)', 'pg_current_snapshot()') | indent(12) }}
    )
end
{%- endmacro %}
