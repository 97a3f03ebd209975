{#- Day of an instant in a time zone. `zone` is SQL: a column or a literal. -#}
{% macro local_date(instant, zone) -%}
    {{ return(local_time(instant, zone) ~ "::date") }}
{%- endmacro %}


{#- Wall-clock time of an instant in a time zone, for taking its hour, weekday or month. -#}
{% macro local_time(instant, zone) -%}
    {{ return("(" ~ instant ~ " at time zone " ~ zone ~ ")") }}
{%- endmacro %}


{#-
    First moment of a day in a time zone: the moment after the last second of the day before. Midnight itself will not do; some zones
    turn their clocks back over it, and PostgreSQL takes the later of the two.
-#}
{% macro day_start(day, zone) -%}
    {{ return("((" ~ day ~ "::timestamp - interval '1 second') at time zone " ~ zone ~ " + interval '1 second')") }}
{%- endmacro %}


{#-
    The instant `count` units before (`direction` -1) or after (1) `instant`. Minutes, hours, days and weeks are fixed lengths and are
    worked out here, so that the planner sees a constant; months and years are steps in the calendar of `zone`.
-#}
{% macro shifted_instant(instant, count, unit, direction, zone) -%}
    {%- set minutes_per_unit = {'minutes': 1, 'hours': 60, 'days': 1440, 'weeks': 10080} -%}
    {%- if unit in minutes_per_unit -%}
        {%- set length = modules.datetime.timedelta(minutes=direction * count * minutes_per_unit[unit]) -%}
        {{ return(sql_literal((instant + length).isoformat(), 'time')) }}
    {%- elif unit in ('months', 'years') -%}
        {{ return(
            "(((" ~ sql_literal(instant.isoformat(), 'time') ~ " at time zone " ~ zone ~ ") "
            ~ ('-' if direction < 0 else '+') ~ " interval '" ~ (count | int) ~ " " ~ unit ~ "') at time zone " ~ zone ~ ")"
        ) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "A duration's unit must be minutes, hours, days, weeks, months or years. Got: " ~ unit
        ) }}
    {%- endif -%}
{%- endmacro %}


{#-
    Days from `today` to the next return of the day and month of `day`; 0 on the day itself. Adding years to 29 February gives 28
    February in the years that lack it, which is the language's rule.
-#}
{% macro days_until_anniversary(day, today) -%}
    {%- set this_year -%}
        ({{ day }} + make_interval(years => (extract(year from {{ today }}) - extract(year from {{ day }}))::integer))::date
    {%- endset -%}
    {%- set next_year -%}
        ({{ day }} + make_interval(years => (extract(year from {{ today }}) - extract(year from {{ day }}))::integer + 1))::date
    {%- endset -%}
    {{ return("(case when " ~ this_year ~ " >= " ~ today ~ " then " ~ this_year ~ " else " ~ next_year ~ " end - " ~ today ~ ")") }}
{%- endmacro %}
