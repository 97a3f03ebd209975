{#- Text tests by position, not by LIKE: a value's `%`, `_` and backslash need no escaping and can't mean anything. -#}

{% macro text_contains(text, part) -%}
    {{ return("strpos(" ~ text ~ ", " ~ part ~ ") > 0") }}
{%- endmacro %}

{% macro text_starts_with(text, start) -%}
    {{ return("starts_with(" ~ text ~ ", " ~ start ~ ")") }}
{%- endmacro %}

{% macro text_ends_with(text, ending) -%}
    {{ return("right(" ~ text ~ ", length(" ~ ending ~ ")) = " ~ ending) }}
{%- endmacro %}

{#- Text that matches a regular expression (PostgreSQL's advanced ones). -#}
{% macro text_matches(text, expression, case_sensitive) -%}
    {{ return(text ~ (" ~ " if case_sensitive else " ~* ") ~ expression) }}
{%- endmacro %}
