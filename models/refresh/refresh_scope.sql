-- depends_on: {{ ref('segment_definitions') }}, {{ ref('segment_publications') }}, {{ ref('refresh_pointers') }}
{{ config(materialized='table') }}

select
    'full' as mode,
    'a full refresh was asked for' as why,
    pg_current_snapshot() as pointer,
    null::text as capture_key,
    {{ sql_literal(get_as_of().isoformat(), 'time') }} as as_of,
    null::timestamp with time zone as previous_as_of,
    {{ sql_literal(invocation_id, 'text') }} as invocation_id
