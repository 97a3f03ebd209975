{#-
    A rule of the plan as a SQL condition. It may come out as null, which everything around it reads as false: a filter, a `case when`,
    and the `is not true` by which a negation is the exact complement of what it negates.

    `scope` says what the rule's names stand for: `rows` and `parents` (aliases of the relation's rows and of its parents, where the rule
    is about rows), `population` (alias of the profiles), `zone` and `today` (SQL of the time zone of the profile's website and of its day)
    and `as_of` (a datetime).
-#}
{% macro rule_condition(rule, scope) -%}
    {%- if 'all' in rule -%}
        {{ return(joined_rules(rule['all'], ' and ', scope)) }}
    {%- elif 'any' in rule -%}
        {{ return(joined_rules(rule['any'], ' or ', scope)) }}
    {%- elif 'not' in rule -%}
        {{ return("(" ~ rule_condition(rule['not'], scope) ~ ") is not true") }}
    {%- elif 'test' in rule -%}
        {{ return(test_condition(rule, scope)) }}
    {%- elif 'segment' in rule -%}
        {{ return(scope.population ~ "." ~ segment_flag(rule.segment)) }}
    {%- elif 'parent_test' in rule -%}
        {{ return(scope.parents[rule.parent_test] ~ "." ~ rule.name) }}
    {%- elif 'condition' in rule -%}
        {{ return(custom_condition(rule, scope)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "A rule must be one of all, any, not, test, segment, parent_test, condition. Got: " ~ (rule | list | join(', '))
    ) }}
{%- endmacro %}


{#- Conditions joined by ` and ` or ` or `, in brackets where there are several. -#}
{% macro joined_rules(rules, operator, scope) -%}
    {%- set conditions = [] -%}
    {%- for rule in rules -%}{%- do conditions.append(rule_condition(rule, scope)) -%}{%- endfor -%}
    {{ return(conditions[0] if conditions | length == 1 else "(" ~ conditions | join(operator) ~ ")") }}
{%- endmacro %}


{#- Column that says whether a profile is in a segment that others refer to. -#}
{% macro segment_flag(name) -%}
    {{ return("is_in_" ~ name) }}
{%- endmacro %}


{#-
    A project's own condition: the macro `condition_<name>(arguments, scope)` returns SQL that is true or false for a row of
    `scope.population`.
-#}
{% macro custom_condition(rule, scope) -%}
    {%- set macro_name = 'condition_' ~ rule.condition -%}
    {%- if macro_name not in context -%}
        {{ exceptions.raise_compiler_error(
            "A rule uses the condition " ~ rule.condition ~ ", for which the project has no macro. Write macros/conditions/"
            ~ macro_name ~ ".sql with a macro " ~ macro_name ~ "(arguments, scope) that returns SQL."
        ) }}
    {%- endif -%}
    {{ return("(" ~ context[macro_name](rule.get('with', {}), scope) ~ ")") }}
{%- endmacro %}
