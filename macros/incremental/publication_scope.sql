{#-
    What this run publishes, as a dictionary: `mode`, `why`, `pointer` and `capture_key` of refresh_scope; `ids` (numbers of the plan's
    segments by name); names of the segments that it evaluates (`evaluated`), of those among them that are evaluated for everybody because
    what is published of them says too little (`renewed`), that explain their changes by their definition (`redefined`), and that are held
    so far (`held`); numbers of those that end (`ended`) and that stay as published (`kept`); and the ones that it leaves out, with the error
    of each (`failed`).
-#}
{% macro get_publication_scope(plan, scope, definitions, publications) -%}
    {%- if not execute -%}{{ return(none) }}{%- endif -%}
    {%- set answer = get_refresh_scope(scope) -%}
    {%- set failed = failed_segments(plan, var('failed_segments')) -%}
    {#- Where everybody is looked at anyway, they need not wait. -#}
    {%- set waiting = [] if answer.mode == 'full' else var('waiting_segments') -%}
    {%- do answer.update({
        'ids': {}, 'evaluated': run_segments(plan) | reject('in', waiting) | list, 'renewed': [], 'redefined': [], 'held': [],
        'ended': [], 'kept': [], 'failed': failed,
    }) -%}
    {#- Before the first run there is nothing to ask; linters and `dbt compile` come that early. -#}
    {%- if load_relation(definitions) is none -%}
        {%- for segment in plan.segments -%}{%- do answer.ids.update({segment.name: loop.index}) -%}{%- endfor -%}
        {{ return(answer) }}
    {%- endif -%}
    {%- for name, id, is_active, was_active, is_redefined, status in run_query(
        "select
            definitions.segment_name,
            definitions.segment_id,
            definitions.is_active,
            coalesce(publications.is_active, false),
            publications.definition_hash is distinct from definitions.definition_hash
            or publications.is_active is distinct from definitions.is_active,
            coalesce(publications.status, 'never_built')
        from " ~ definitions ~ " as definitions
        left join " ~ publications ~ " as publications on definitions.segment_id = publications.segment_id
        order by definitions.segment_id"
    ).rows -%}
        {%- do answer.ids.update({name: id | int}) -%}
        {%- if not is_active and (was_active or status in ('held', 'failed')) -%}
            {%- do answer.ended.append(id | int) -%}
        {%- elif name in answer.evaluated -%}
            {%- do answer.redefined.append(name) if is_redefined -%}
            {%- do answer.held.append(name) if status == 'held' -%}
            {%- do answer.renewed.append(name) if is_redefined or status != 'published' -%}
        {%- elif was_active -%}
            {%- do answer.kept.append(id | int) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if answer.mode != 'full' and answer.renewed -%}
        {%- set named = answer.renewed[:3] | join(', ') -%}
        {%- set more = ' and ' ~ (answer.renewed | length - 3) ~ ' more' if answer.renewed | length > 3 else '' -%}
        {%- do answer.update({'why': answer.why ~ '; everybody for ' ~ named ~ more ~ ': new, edited, held or failed before'}) -%}
    {%- endif -%}
    {{ return(answer) }}
{%- endmacro %}


{#-
    The parts of which a run's differences are made: of whom (`everybody`, `changed` or the `others`) which segments (`names`) are
    evaluated, which end (`ended`), and whether profiles may be in some that are neither (`has_others`). The clocks are told of whom a part
    is about, of the others where that may change them (`tells_clocks`). `has_changes` says whether anybody has changed: rendering what is
    asked of nobody takes longer than all else in a run.
-#}
{% macro publication_parts(scope, has_changes) -%}
    {%- set parts = [] -%}
    {%- if scope.mode == 'full' or has_changes -%}
        {%- do parts.append({
            'whom': 'everybody' if scope.mode == 'full' else 'changed',
            'names': scope.evaluated,
            'ended': scope.ended,
            'has_others': scope.kept | length > 0,
            'tells_clocks': true,
        }) -%}
    {%- endif -%}
    {%- if scope.mode != 'full' and (scope.renewed or scope.ended or scope.has_new_clocks) -%}
        {%- do parts.append({
            'whom': 'others', 'names': scope.renewed, 'ended': scope.ended, 'has_others': true,
            'tells_clocks': true if scope.renewed or scope.has_new_clocks else false,
        }) -%}
    {%- endif -%}
    {{ return(parts) }}
{%- endmacro %}


{#-
    The differences of all parts of a run. `known` are the relations of what was published and has to be looked at: features, published,
    clocks, changes; the rest is as `membership_differences_query` says.
-#}
{% macro publication_differences_query(plan, tables, known, scope, as_of) -%}
{%- for part in publication_parts(scope, scope.mode == 'full' or has_rows(known.changes)) -%}
{{ "\nunion all\n" if not loop.first -}}
select *
from (
    {{ membership_differences_query(
        plan=plan,
        tables=tables,
        features=known.features,
        published=known.published,
        clocks=known.clocks,
        changes=known.changes,
        segment_ids=scope.ids,
        part=part,
        as_of=as_of,
    ) | indent(4) }}
) as {{ part.whom }}
{%- else -%}
select
    null::bigint as profile_id,
    null::integer as website_id,
    null::integer[] as segment_ids,
    null::integer[] as previous_segment_ids,
    null::text as reason,
    null::boolean as has_moved,
    null::timestamptz as next_change_at,
    null::boolean as has_new_clock
where false
{%- endfor -%}
{%- endmacro %}


{#- Whether a table has any rows; of the rows of a unit test, which are not in the database, it is not asked. -#}
{% macro has_rows(relation) -%}
    {{ return(relation.is_cte or run_query("select exists (select 1 from " ~ relation ~ ")").columns[0].values()[0]) }}
{%- endmacro %}
