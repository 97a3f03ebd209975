{#- A feature of the plan as an aggregate over the rows of its relation. -#}
{% macro feature_expression(feature, relation, scope) -%}
    {%- set filter = "" if feature.filter is none else " filter (where " ~ rule_condition(feature.filter, scope) ~ ")" -%}
    {%- if feature.aggregate == 'count' -%}
        {{ return("count(*)" ~ filter) }}
    {%- elif feature.aggregate == 'arrival' -%}
        {{ return("min(" ~ value_expression(feature.value, scope) ~ ")") }}
    {%- elif feature.aggregate == 'flip' -%}
        {{ return(flip_expression(feature, scope)) }}
    {%- elif feature.aggregate in ('latest', 'first') -%}
        {{ return(edge_row_expression(feature, relation, scope, filter)) }}
    {%- endif -%}
    {%- set value = value_expression(feature.value, scope) -%}
    {%- if feature.aggregate == 'count_distinct' -%}
        {{ return("count(distinct " ~ folded(value, feature.value, {}) ~ ")" ~ filter) }}
    {%- elif feature.aggregate in ('sum', 'avg', 'min', 'max') -%}
        {{ return(feature.aggregate ~ "(" ~ value ~ ")" ~ filter) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "An aggregate must be one of count, count_distinct, sum, avg, min, max, latest, first. Got: " ~ feature.aggregate
    ) }}
{%- endmacro %}


{#-
    Whether the newest (`latest`) or oldest (`first`) row passes the feature's test. The largest array of (time, key, answer) is the
    newest row's, ties decided by the key; no sort is needed. A row without a time is older than all others. Of several features the answers
    are in one array, which PostgreSQL makes once: `scope.edges` are all of the pass.
-#}
{% macro edge_row_expression(feature, relation, scope, filter) -%}
    {%- set time -%}
        {%- if relation.time_column is none -%} 0
        {%- else -%} coalesce((extract(epoch from {{ scope.rows }}.{{ relation.time_column }}) * 1000000)::bigint, -9223372036854775808)
        {%- endif -%}
    {%- endset -%}
    {%- set names, answers = [], [] -%}
    {%- for edge in scope.edges if edge.aggregate == feature.aggregate and edge.filter == feature.filter -%}
        {%- do names.append(edge.name) -%}
        {%- do answers.append("case when " ~ rule_condition(edge.value, scope) ~ " then 1 else 0 end") -%}
    {%- endfor -%}
    {{ return(
        "(" ~ ('max' if feature.aggregate == 'latest' else 'min') ~ "(array[" ~ time | trim ~ ", "
        ~ scope.rows ~ "." ~ relation.key ~ ", " ~ answers | join(', ') ~ "]::bigint[])" ~ filter ~ ")["
        ~ (names.index(feature.name) + 3) ~ "] = 1"
    ) }}
{%- endmacro %}


{#- A feature as it is kept: a count of 0 is missing, which takes no room in a row, and a row has room for 8 kB. -#}
{% macro stored_feature(feature, pass) -%}
    {%- set column = pass ~ "." ~ feature.name -%}
    {{ return("nullif(" ~ column ~ ", 0)::integer" if feature.aggregate in ('count', 'count_distinct') else column) }}
{%- endmacro %}


{#- A feature as it is read: a profile without rows counts 0, and its newest row passes nothing. -#}
{% macro feature_or_default(feature, features) -%}
    {%- set column = features ~ "." ~ feature.name -%}
    {%- if feature.aggregate in ('count', 'count_distinct', 'sum') -%}
        {{ return("coalesce(" ~ column ~ ", 0)") }}
    {%- elif feature.aggregate in ('latest', 'first') -%}
        {{ return("coalesce(" ~ column ~ ", false)") }}
    {%- endif -%}
    {{ return(column) }}
{%- endmacro %}
