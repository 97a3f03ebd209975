{#-
    Incremental strategy `features`, of profile_features: writes the rows that differ. Of everybody it is told everything, or of those who
    are due; then the rows of profiles that are gone go, and features that are new are worked out for all others by their own passes
    alone. Columns are added and dropped here, not by `on_schema_change`, after which nobody could tell which are new.
-#}
{% macro get_incremental_features_sql(arg_dict) -%}
    {%- set plan, as_of, features = segment_plan(), get_as_of(), arg_dict.target_relation -%}
    {%- set tables = feature_tables(plan) -%}
    {%- set refresh = get_features_refresh(plan, tables, features, as_of) -%}
    {%- set changes = check_for_schema_changes(arg_dict.temp_relation, features) -%}
    {%- if changes.schema_changed -%}{%- do sync_column_schemas('sync_all_columns', features, changes) -%}{%- endif -%}
    {%- set columns = changes.source_columns | map(attribute='name') | list -%}
    {%- set added = changes.source_not_in_target | map(attribute='name') | list -%}
    {%- if not refresh.is_partial -%}
        {{ return(get_incremental_difference_sql(dict(arg_dict, dest_columns=changes.source_columns)) ~ "analyze " ~ features ~ ";") }}
    {%- endif -%}
{{ difference_writes(features, arg_dict.temp_relation, arg_dict.unique_key, columns) }}

delete from {{ features }} as published
using {{ tables.changed_profiles }} as changed_profiles
where
    published.profile_id = changed_profiles.profile_id
    and not exists (select 1 from {{ tables.profiles }} as profiles where profiles.profile_id = published.profile_id);
{%- if added %}

{{ differing_rows_update(
    features, '(\n' ~ profile_features_query(plan_of_features(plan, added), tables, as_of) ~ '\n)', 'profile_id', added
) }}

analyze {{ features }};
{%- endif %}
{%- endmacro %}


{#- The models that profile_features are made from, by name; the model calls this while it is parsed too, which makes it depend on them. -#}
{% macro feature_tables(plan) -%}
    {%- set tables = {} -%}
    {%- for model in plan_models(plan) + ['refresh_scope', 'refresh_pointers', 'changed_profiles'] -%}
        {%- do tables.update({model: ref(model)}) -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}


{#- Statistics for a table that has none yet; the strategy renews them where it writes many rows. -#}
{% macro analyze_new_features(features) -%}
    {#- dbt reads hooks while it parses, too. -#}
    {%- set has_none = execute and run_query(
        "select reltuples < 0 from pg_class where oid = " ~ sql_literal(features | string, 'text') ~ "::regclass"
    ).columns[0].values()[0] -%}
    {{ return("analyze " ~ features if has_none else "") }}
{%- endmacro %}


{#-
    Says what of the change log the features take into account, and for which instant. A run without a scope of its own knows of no log:
    the pointer stays, and so the next refresh looks again at what this run took into account already.
-#}
{% macro move_features_pointer(pointers, scope) -%}
    {%- if scope.pointer is not none -%}{{ return(move_refresh_pointer(pointers, 'features', scope)) }}{%- endif -%}
update {{ pointers }}
set as_of = greatest(as_of, {{ sql_literal(get_as_of().isoformat(), 'time') }})
where name = 'features'
{%- endmacro %}
