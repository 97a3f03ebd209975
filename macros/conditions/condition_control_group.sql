{#-
    A fixed share of all profiles, `percent` of them, that campaigns leave alone so that their effect can be measured. It is decided by
    the profile's number alone: who is in it stays in it.
-#}
{% macro condition_control_group(arguments, scope) -%}
    {#- A prime, so that neighbours in number do not share their lot. -#}
    {{ return("mod(" ~ scope.population ~ ".profile_id * 7919, 100) < " ~ sql_literal(arguments.percent, 'number')) }}
{%- endmacro %}
