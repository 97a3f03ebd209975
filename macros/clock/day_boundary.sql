{#-
    Until when a day in the zone of `node` has not begun: the last microsecond before it. Some zones turn their clocks back over midnight: a
    day then begins, stops and begins again. Until it has begun for good, that is the run's own instant.
-#}
{% macro day_boundary(day, node, scope) -%}
{%- set zone = zone_expression(node, scope) -%}
{%- set as_of = sql_literal(scope.as_of.isoformat(), 'time') -%}
(
    select
        case
            when {{ day_start(today_expression(node, scope), zone) }} > {{ as_of }} then {{ as_of }}
            when coming.day is not null then greatest({{ as_of }}, {{ day_dawn('coming.day', zone) }} - interval '1 microsecond')
        end
    from (
        select given.*
        from (select {{ day }} as day) as given
        offset 0
    ) as coming
)
{%- endmacro %}


{#- The first instant that a day may have: by the clock as it goes some hours before, and by the clock as it goes then. -#}
{% macro day_dawn(day, zone) -%}
    {%- set before = "interval '6 hours'" -%}
    {{ return("least(" ~ day_start(day, zone) ~ ", ((" ~ day ~ "::timestamp - " ~ before ~ ") at time zone " ~ zone ~ " + " ~ before ~ "))") }}
{%- endmacro %}


{#-
    The next day, after the run's, on which one of the clocks that count days changes an answer: SQL by time zone, '' being the one of the
    profile's website.
-#}
{% macro next_days(clocks, scope) -%}
    {%- set found = {} -%}
    {%- for zone in day_zones(clocks) -%}
        {%- set days = [] -%}
        {%- for clock in clocks if clock.kind in day_clock_kinds() and (clock.time_zone or '') == zone -%}
            {%- if clock.kind == 'days_since' -%}{%- do days.append(day_count_turn(clock, scope)) -%}
            {%- elif clock.kind == 'days_since_value' -%}{%- do days.append(compared_day_count_turn(clock, scope)) -%}
            {%- elif clock.kind == 'anniversary' -%}{%- do days.append(anniversary_turn(clock, scope)) -%}
            {%- else -%}{%- do days.append(
                "case when " ~ value_expression(clock.value, scope) ~ " is not null then " ~ today_expression(clock, scope) ~ " + 1 end"
            ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do found.update({zone: earliest(days)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro day_clock_kinds() -%}
    {{ return(['days_since', 'days_since_value', 'anniversary', 'midnight']) }}
{%- endmacro %}


{#- The time zones of the clocks that count days. -#}
{% macro day_zones(clocks) -%}
    {%- set zones = [] -%}
    {%- for clock in clocks if clock.kind in day_clock_kinds() -%}{%- do zones.append(clock.time_zone or '') -%}{%- endfor -%}
    {{ return(zones | unique | list) }}
{%- endmacro %}


{#- The next day that is one of `days` after that of the value. -#}
{% macro day_count_turn(clock, scope) -%}
{%- set farthest = clock.days[-1] -%}
{%- set turn -%}
(
    select
        case
            {%- for days in clock.days %}
            when counted.day > {{ today_expression(clock, scope) }} - ({{ days | int }}) then counted.day + ({{ days | int }})
            {%- endfor %}
        end
    from (
        select given.*
        from (select {{ day_expression(clock.value, clock, scope) }} as day) as given
        offset 0
    ) as counted
)
{%- endset -%}
{#- Values that are past the last of these days need not be looked at; a datetime reaches but so far. -#}
{%- if clock.value.type == 'date' or farthest | abs > 300000 -%}{{ return(turn) }}{%- endif -%}
{%- set value = value_expression(clock.value, scope) -%}
{{ return("case when " ~ value ~ " >= " ~ minutes_before(scope.as_of, (farthest + 2) * 1440) ~ " then " ~ turn ~ " end") }}
{%- endmacro %}


{#- The day on which as many days have passed since that of a value as another value says: rounded up, or the day after (`is_past`). -#}
{% macro compared_day_count_turn(clock, scope) -%}
{%- set rounded = "floor(compared.days)::integer + 1" if clock.is_past else "ceil(compared.days)::integer" -%}
(
    select
        case
            when compared.days not between -4000000 and 4000000 then null
            when compared.day + {{ rounded }} > {{ today_expression(clock, scope) }} then compared.day + {{ rounded }}
        end
    from (
        select given.*
        from (
            select
                {{ day_expression(clock.value, clock, scope) }} as day,
                {{ value_expression(clock.bound, scope) }} as days
        ) as given
        offset 0
    ) as compared
)
{%- endmacro %}


{#- The next day that is one of `days` from the return of the value's day and month. The last of them is the day after it, always to come. -#}
{% macro anniversary_turn(clock, scope) -%}
{%- set today = today_expression(clock, scope) -%}
(
    select
        {{ today }} + case
            {%- for days in clock.days[:-1] %}
            when coming.days + ({{ days | int }}) > 0 then coming.days + ({{ days | int }})
            {%- endfor %}
            else coming.days + ({{ clock.days[-1] | int }})
        end
    from (
        select given.*
        from (select {{ days_until_anniversary(day_expression(clock.value, clock, scope), today) }} as days) as given
        offset 0
    ) as coming
)
{%- endmacro %}
