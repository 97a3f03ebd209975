{#-
    Materialization of segment_memberships. The model's query names the profiles whose segments differ from those published; one
    statement then writes memberships, changes, each profile's segment ids, counts, sizes and the run, so that all of it is published or
    nothing. The first run takes the same way, into an empty table; `--full-refresh` is no different, since entries and exits would be
    lost with the table.
-#}
{% materialization incremental_membership, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing is none -%}
        {%- call statement('create') -%}
            create table {{ target }} {{ get_table_columns_and_constraints() }}
        {%- endcall -%}
    {%- endif -%}

    {%- set tables = publication_tables() -%}
    {%- do assert_time_moves_forward(tables.segment_runs, get_as_of()) -%}
    {%- set run = get_publication_run(segment_plan(), tables, get_as_of()) -%}
    {%- set keys = take_keys([tables.profile_segments, tables.profile_clocks, tables.segment_membership_changes])
        if existing is none else none -%}
    {%- do run.update({'is_first': keys is not none}) -%}
    {%- call statement('main', fetch_result=True) -%}
        {{ publish_memberships(target, sql, run) }}
    {%- endcall -%}
    {%- for key in keys or [] -%}{%- do run_query(key) -%}{%- endfor -%}
    {%- set change_count = load_result('main')['data'][0][1] -%}

    {%- if existing is none -%}
        {#- Filled first, indexed then: several times cheaper for millions of rows. -#}
        {%- do create_indexes(target) -%}
        {%- do run_query(
            "create index if not exists segment_membership_changes_profile_id on "
            ~ tables.segment_membership_changes ~ " (profile_id, segment_id)"
        ) -%}
    {%- endif -%}
    {%- do analyze_after(change_count, target, tables.segment_publications) -%}
    {%- do note_unpublished(tables) -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) -%}
    {%- do persist_docs(target, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- Everything about this run that the statement needs beside the differences: see `publish_memberships`. -#}
{% macro get_publication_run(plan, tables, as_of) -%}
    {%- set run = get_publication_scope(plan, ref('refresh_scope'), tables.segment_definitions, tables.segment_publications) -%}
    {%- set guards = [] -%}
    {%- for segment in plan.segments if segment.name in run.evaluated -%}
        {%- do guards.append(dict(
            segment.get('guard', {}), id=run.ids[segment.name], name=segment.name, references=segment.references
        )) -%}
    {%- endfor -%}
    {%- set known = {} -%}
    {%- for name, row_count in run_query("select source_name, row_count from " ~ tables.source_counts).rows -%}
        {%- do known.update({name: row_count | int}) -%}
    {%- endfor -%}
    {#- What is held may be so for a table's loss of rows, which the keys of this run do not tell: then all tables are counted. -#}
    {%- set key_count = none if run.mode == 'full' or run.held
        else run_query("select count(*) from " ~ tables.changed_keys).columns[0].values()[0] | int -%}
    {%- set source_counts = get_source_counts(known, key_count) -%}
    {%- do run.update({
        'guards': guards, 'source_counts': source_counts, 'alarms': get_source_alarms(known, source_counts, as_of),
    }) -%}
    {{ return(run) }}
{%- endmacro %}


{#- Renews the statistics where a good part of the members changed; else the server does in its own time. -#}
{% macro analyze_after(change_count, target, publications) -%}
    {%- set member_count = run_query("select coalesce(sum(member_count), 0) from " ~ publications).columns[0].values()[0] -%}
    {%- if change_count * 20 > member_count -%}
        {%- do run_query("analyze " ~ target) -%}
    {%- endif -%}
{%- endmacro %}


{#- Says which segments are held or failed, and why: nothing is left out in silence. -#}
{% macro note_unpublished(tables) -%}
    {%- for name, status, reason in run_query(
        "select definitions.segment_name, publications.status, coalesce(publications.held_reason, publications.error)
        from " ~ tables.segment_publications ~ " as publications
        inner join " ~ tables.segment_definitions ~ " as definitions on publications.segment_id = definitions.segment_id
        where definitions.is_active and publications.status <> 'published'
        order by definitions.segment_id"
    ).rows -%}
        {%- if status == 'held' -%}
            {#- Who refers to a held one comes with it, and can't be released alone. -#}
            {%- set hint = "" if reason.startswith("it refers to ") else " If that is right: `segments release " ~ name ~ "`." -%}
            {%- do log(name ~ " is held, its members stay as they were: " ~ reason ~ "." ~ hint, info=true) -%}
        {%- else -%}
            {%- do log(name ~ " failed, its members stay as they were: " ~ reason, info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#- Refuses a run for an instant before one that was published: its exits would lie before their entries. -#}
{% macro assert_time_moves_forward(runs, as_of) -%}
    {#- Published runs are in the order of their instants: the last one is found by the key, however many there are. -#}
    {%- set newest = run_query(
        "select (select as_of at time zone 'UTC' from " ~ runs ~ " where status = 'published' order by run_id desc limit 1)"
    ).columns[0].values()[0] -%}
    {%- if newest is not none and modules.pytz.utc.localize(newest) > as_of -%}
        {{ exceptions.raise_compiler_error(
            "The memberships were already published for " ~ newest ~ " UTC; a run for the earlier " ~ as_of ~ " would rewrite their "
            ~ "history. Build for a later instant, or into another schema (DBT_SCHEMA)."
        ) }}
    {%- endif -%}
{%- endmacro %}
