{#-
    The ledger's row of a run that was to publish and did not: what failed first, and why; and whether it looked at everybody, if it came to
    that. Nothing of the run itself is in the tables. For on-run-end; `results` is dbt's. What earlier versions made has no initiated_by until
    a build gets as far as the ledger.
-#}
{% macro record_failed_run(results) -%}
    {%- set publications = results | selectattr('node.name', 'equalto', 'segment_memberships') | list -%}
    {%- set failures = results | selectattr('status', 'in', ['error', 'fail', 'runtime error']) | list -%}
    {%- set ledger = load_relation(project_relation('segment_runs', schema=none)) if execute else none -%}
    {%- if publications and publications[0].status != 'success' and failures and ledger is not none -%}
{%- set scope = get_refresh_scope(project_relation('refresh_scope')) %}
{%- set has_initiator = 'initiated_by' in adapter.get_columns_in_relation(ledger) | map(attribute='name') %}
insert into {{ ledger }} (
    run_id, invocation_id, mode, why, status, error, as_of, started_at, finished_at{{ ', initiated_by' if has_initiator }}
)
select
    coalesce(max(run_id), 0) + 1,
    {{ sql_literal(invocation_id, 'text') }},
    {{ sql_literal(none if scope.pointer is none else scope.mode, 'text') }},
    {{ sql_literal(none if scope.pointer is none else scope.why, 'text') }},
    'failed',
    {{ sql_literal(failures[0].node.name ~ ': ' ~ nameless_error(failures[0].message), 'text') }},
    {{ sql_literal(get_as_of().isoformat(), 'time') }},
    {{ sql_literal(run_started_at.astimezone(modules.pytz.utc).isoformat(), 'time') }},
    clock_timestamp()
    {%- if has_initiator %},
    {{ sql_literal(var('initiated_by') or none, 'text') }}
    {%- endif %}
from {{ ledger }}
    {%- endif -%}
{%- endmacro %}


{#-
    An error's text without the line before it, in which dbt says where, and without what it may quote of people: the rows that PostgreSQL
    shows as its detail or context, and addresses. The ledger is kept for ever, beyond those whom it would name.
-#}
{% macro nameless_error(message) -%}
    {%- set reason = modules.re.sub('^\\w+ Error in [^\n]*\n\\s*', '', message or 'it did not say why') -%}
    {%- set told = modules.re.split('\n *(?:DETAIL|CONTEXT):', reason)[0] -%}
    {{ return(modules.re.sub('[^\\s"\'`(=<,;]+@[^\\s"\'`)>,;]+', '(address)', told)) }}
{%- endmacro %}
