{#-
    How a project's own condition depends on the clock: `always` (its SQL is another one at another instant), `midnight` (it looks at the
    day of the profile's website) or `never`. It is found out by rendering it for other instants.
-#}
{% macro clock_of_condition(rule, scope) -%}
    {%- set rendered = custom_condition(rule, scope) -%}
    {%- for minutes in [1 / 60000000, 1, 60, 1440, 44640, 527040] -%}
        {%- set later = scope.as_of + modules.datetime.timedelta(minutes=minutes) -%}
        {%- if custom_condition(rule, dict(scope, as_of=later)) != rendered -%}{{ return('always') }}{%- endif -%}
    {%- endfor -%}
    {%- set own_clock = '(now\\s*\\(|current_(date|time)|localtime|(clock|statement|transaction)_timestamp|timeofday)' -%}
    {%- if modules.re.search(own_clock, rendered.lower()) -%}{{ return('always') }}{%- endif -%}
    {%- set another_day = dict(scope, today="date '2001-02-03'") -%}
    {{ return('midnight' if custom_condition(rule, another_day) != rendered else 'never') }}
{%- endmacro %}
