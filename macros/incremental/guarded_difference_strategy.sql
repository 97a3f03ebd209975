{#-
    Incremental strategy `guarded_difference`, for profiles: as `difference`, but refused before it writes anything where so many profiles
    are gone that the shop's tables are more likely incomplete. What a profile's absence erases later can't be brought back.
-#}
{% macro get_incremental_guarded_difference_sql(arg_dict) -%}
    {%- if not var('accept_erasures') -%}
        {%- do assert_few_are_erased(arg_dict.target_relation, arg_dict.temp_relation) -%}
    {%- endif -%}
    {{ return(get_incremental_difference_sql(arg_dict)) }}
{%- endmacro %}


{#- Raises an error where more `known` profiles of a type are missing from the `present` ones than dbt_project.yml allows. -#}
{% macro assert_few_are_erased(known, present) -%}
    {%- set excesses = [] -%}
    {%- set counts = run_query(
        "select known.profile_type, count(*) as known_count, count(*) filter (where present.profile_id is null) as erased_count"
        ~ " from " ~ known ~ " as known left join " ~ present ~ " as present on known.profile_id = present.profile_id"
        ~ " group by known.profile_type order by known.profile_type"
    ) -%}
    {%- for profile_type, known_count, erased_count in counts.rows -%}
        {%- set limit = var('erasure_limit_percent')[profile_type] -%}
        {%- if erased_count >= var('erasure_limit_minimum') and erased_count * 100 > known_count * limit -%}
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
