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

    {%- do assert_time_moves_forward(publication_tables().segment_runs, get_as_of()) -%}
    {%- call statement('main') -%}
        {{ publish_memberships(target, sql) }}
    {%- endcall -%}

    {%- if existing is none -%}
        {#- Filled first, indexed then: several times cheaper for millions of rows. -#}
        {%- do create_indexes(target) -%}
        {%- do run_query(
            "create index if not exists segment_membership_changes_profile_id on "
            ~ publication_tables().segment_membership_changes ~ " (profile_id, segment_id)"
        ) -%}
    {%- endif -%}
    {%- do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)) -%}
    {%- do persist_docs(target, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- Refuses a run for an instant before one that was published: its exits would lie before their entries. -#}
{% macro assert_time_moves_forward(runs, as_of) -%}
    {%- set newest = run_query(
        "select max(as_of) at time zone 'UTC' from " ~ runs ~ " where status = 'published'"
    ).columns[0].values()[0] -%}
    {%- if newest is not none and modules.pytz.utc.localize(newest) > as_of -%}
        {{ exceptions.raise_compiler_error(
            "The memberships were already published for " ~ newest ~ " UTC; a run for the earlier " ~ as_of ~ " would rewrite their "
            ~ "history. Build for a later instant, or into another schema (DBT_SCHEMA)."
        ) }}
    {%- endif -%}
{%- endmacro %}
