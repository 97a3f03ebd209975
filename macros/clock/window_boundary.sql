{#-
    When the next edge of a window of fixed length passes a value: the first of the instants `minutes` after it (before it, where negative)
    that is not before the run's. Windows hold their first moment and not their last, so each answer stands up to that instant itself.
-#}
{% macro window_boundary(clock, scope) -%}
    {%- set instant = clock_instant(clock, scope) -%}
    {%- set cases = [] -%}
    {#- The farthest edge first: most values are past them all. -#}
    {%- do cases.append("when " ~ instant ~ " < " ~ minutes_before(scope.as_of, clock.minutes[-1]) ~ " then null") -%}
    {%- for minutes in clock.minutes[:-1] -%}
        {%- do cases.append(
            "when " ~ instant ~ " >= " ~ minutes_before(scope.as_of, minutes) ~ " then " ~ minutes_after(instant, minutes)
        ) -%}
    {%- endfor -%}
    {{ return("case " ~ cases | join(' ') ~ " else " ~ minutes_after(instant, clock.minutes[-1]) ~ " end") }}
{%- endmacro %}


{% macro minutes_before(as_of, minutes) -%}
    {{ return(shifted_instant(as_of, minutes, 'minutes', -1, none)) }}
{%- endmacro %}


{% macro minutes_after(instant, minutes) -%}
    {{ return(instant if minutes == 0 else instant ~ " + interval '" ~ (minutes | int) ~ " minutes'") }}
{%- endmacro %}
