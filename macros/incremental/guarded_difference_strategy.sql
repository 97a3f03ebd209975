{#-
    Incremental strategy `guarded_difference`, for profiles: as `difference`, but refused before it writes anything where so many profiles
    are gone that the shop's tables are more likely incomplete, or are others that they are more likely another shop's. What a profile's
    absence erases later can't be brought back. Who was merged into whom, or no longer is, is written to the change log, as news for all
    segments.
-#}
{% macro get_incremental_guarded_difference_sql(arg_dict) -%}
    {%- set concerned = 'concerned_profiles' if get_refresh_scope(ref('refresh_scope')).mode == 'incremental' else none -%}
    {%- if not var('accept_erasures') -%}
        {%- do assert_few_are_erased(arg_dict.target_relation, arg_dict.temp_relation, concerned) -%}
    {%- endif -%}
    {%- do assert_customers_are_the_same(arg_dict.target_relation, arg_dict.temp_relation, concerned) -%}
    {{ log_merges(arg_dict.target_relation, arg_dict.temp_relation, concerned) }}
    {{ get_incremental_difference_sql(arg_dict) }}
{%- endmacro %}


{#-
    Raises an error where more `known` profiles of a type are missing from the `present` ones than dbt_project.yml allows. `present` may hold
    no others than the `concerned` ones. Only where that many are missing, all that are known are counted.
-#}
{% macro assert_few_are_erased(known, present, concerned=none) -%}
    {%- set excesses = [] -%}
    {%- set erased_counts = run_query(
        "select known.profile_type, count(*) from " ~ known ~ " as known"
        ~ (" inner join " ~ concerned ~ " as concerned on known.profile_id = concerned.profile_id" if concerned is not none else "")
        ~ " left join " ~ present ~ " as present on known.profile_id = present.profile_id"
        ~ " where present.profile_id is null group by known.profile_type"
        ~ " having count(*) >= " ~ sql_literal(var('erasure_limit_minimum'), 'number') ~ " order by known.profile_type"
    ).rows -%}
    {%- for profile_type, erased_count in erased_counts -%}
        {%- set limit = var('erasure_limit_percent')[profile_type] -%}
        {%- set known_count = run_query(
            "select count(*) from " ~ known ~ " where profile_type = " ~ sql_literal(profile_type, 'text')
        ).columns[0].values()[0] -%}
        {%- if erased_count * 100 > known_count * limit -%}
            {%- do excesses.append(
                "{:,} of {:,} {}s, where at most {} % are expected".format(erased_count | int, known_count | int, profile_type, limit)
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if excesses -%}
        {{ exceptions.raise_compiler_error(
            "The shop no longer has " ~ excesses | join(', and ') ~ ". They would be erased for good, from the history too; nothing was "
            ~ "changed. Are the shop's tables complete? If those profiles are really gone, accept it: `segments build --accept-erasures`, "
            ~ "or dbt with --vars 'accept_erasures: true'. The limits are in dbt_project.yml: vars, erasure_limit_percent."
        ) }}
    {%- endif -%}
{%- endmacro %}


{#-
    Raises an error where more `known` customers than dbt_project.yml allows to be erased have another address and were registered at another
    instant: in a shop the first changes now and then, the second never. Their profiles would go on as other people.
-#}
{% macro assert_customers_are_the_same(known, present, concerned=none) -%}
    {%- set other_count = run_query(
        "select count(*) from " ~ known ~ " as known inner join " ~ present ~ " as present on known.profile_id = present.profile_id"
        ~ (" inner join " ~ concerned ~ " as concerned on known.profile_id = concerned.profile_id" if concerned is not none else "")
        ~ " where known.profile_type = 'customer' and known.email <> present.email and known.created_at <> present.created_at"
    ).columns[0].values()[0] -%}
    {%- if other_count >= var('erasure_limit_minimum') -%}
        {%- set known_count = run_query("select count(*) from " ~ known ~ " where profile_type = 'customer'").columns[0].values()[0] -%}
        {%- if other_count * 100 > known_count * var('erasure_limit_percent').customer -%}
            {{ exceptions.raise_compiler_error(
                "{:,} of {:,} customers have another address and another date of registration than before".format(
                    other_count | int, known_count | int
                )
                ~ ": are the tables another shop's? Its customers would go on in the profiles of this one's; nothing was changed. Build another "
                ~ "shop into another schema (DBT_SCHEMA)."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
