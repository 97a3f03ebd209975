{#- An array of whole numbers. -#}
{% macro integer_array(numbers) -%}
    {{ return("array[" ~ sql_literals(numbers, 'number') | join(', ') ~ "]::integer[]") }}
{%- endmacro %}


{#- Whether a list holds one of the values, or all of them. -#}

{% macro list_contains_any(list, values) -%}
    {{ return(list ~ " && " ~ values) }}
{%- endmacro %}

{% macro list_contains_all(list, values) -%}
    {{ return(list ~ " @> " ~ values) }}
{%- endmacro %}

{% macro list_is_set(list) -%}
    {{ return("cardinality(" ~ list ~ ") > 0") }}
{%- endmacro %}
