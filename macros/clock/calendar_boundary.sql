{#-
    When the edge of a window of months or years passes an instant: the run's own instant while the edge may be passing it, null when it
    has passed for good. Where that is more than some days ahead, some days before it are answered: a profile is looked at once more then,
    which is cheaper than to be exact about all that is far away.
-#}
{% macro calendar_boundary(clock, scope) -%}
    {%- set instant = clock_instant(clock, scope) -%}
    {{ return(
        "case when " ~ far_from_calendar_edge(instant, clock, scope) ~ " then " ~ days_before_calendar_edge(instant, clock)
        ~ " else " ~ near_calendar_boundary(clock, scope) ~ " end"
    ) }}
{%- endmacro %}


{#- The same where it is near, else null. -#}
{% macro near_calendar_boundary(clock, scope) -%}
    {%- set instant = clock_instant(clock, scope) -%}
    {{ return(
        "case when " ~ instant ~ " between " ~ calendar_bound(clock, scope.as_of, -8) ~ " and " ~ calendar_bound(clock, scope.as_of, 16)
        ~ " then " ~ exact_calendar_boundary(instant, clock, scope) ~ " end"
    ) }}
{%- endmacro %}


{#-
    The same of an instant that the edge passes in these days, to the microsecond.

    The edge moves with the calendar, and not always forward. Stepping back from the days at a month's end that the other month lacks
    leads to its last day from each of them: 28, 29, 30 and 31 March at nine all lead to 28 February at nine. So the edge jumps back at those
    midnights, but only there, and never past the month's end:
    * an instant on another day than the last of its month is passed once, on the day of the same number, or, in a shorter
      month, when that month is over;
    * one on the last day of its month is passed for the first time on the day of the same number, and for good when the month is over.
    Where clocks change, the edge and the time of day jump as far as the clocks do. So next to a change, of the instant or of its
    passing, the passing may be as much earlier or later.
-#}
{% macro exact_calendar_boundary(instant, clock, scope) -%}
{%- set zone = zone_expression(clock, scope) -%}
{%- set as_of = sql_literal(scope.as_of.isoformat(), 'time') -%}
{%- set nominal = "(passing.written + " ~ calendar_step(clock) ~ ")" -%}
{%- set month_end = "(date_trunc('month', " ~ nominal ~ ") + interval '1 month - 1 microsecond')" -%}
{%- set is_cut = "extract(day from " ~ nominal ~ ") <> extract(day from passing.written)" -%}
(
    select
        case
            when {{ as_of }} <= passing.ends_at + passing.leap
            then greatest({{ as_of }}, passing.begins_at - passing.leap)
        end
    from (
        select
            passing.begins_at,
            passing.ends_at,
            {{ clock_change('passing.instant', 'passing.instant', zone) }}
            + {{ clock_change('passing.begins_at', 'passing.ends_at', zone) }} as leap
        from (
            select
                passing.instant,
                case when {{ is_cut }} then {{ month_end }} else {{ nominal }} end at time zone {{ zone }} as begins_at,
                case
                    when {{ is_cut }} or ({{ is_last_of_month('passing.written') }} and not {{ is_last_of_month(nominal) }})
                    then {{ month_end }}
                    else {{ nominal }}
                end at time zone {{ zone }} as ends_at
            from (
                select given.*
                from (select {{ instant }} as instant, {{ local_time(instant, zone) }} as written) as given
                offset 0
            ) as passing
            offset 0
        ) as passing
        offset 0
    ) as passing
)
{%- endmacro %}


{#- Whether the edge passes an instant later than in these days, so that `days_before_calendar_edge` is still to come. -#}
{% macro far_from_calendar_edge(instant, clock, scope) -%}
    {{ return(instant ~ " > " ~ calendar_bound(clock, scope.as_of, 16)) }}
{%- endmacro %}


{#- Some days before the edge passes an instant. The later the instant, the later they are: of many, only the least one matters. -#}
{% macro days_before_calendar_edge(instant, clock) -%}
    {{ return("((" ~ instant ~ " at time zone 'UTC' + " ~ calendar_step(clock) ~ " - interval '8 days') at time zone 'UTC')") }}
{%- endmacro %}


{#-
    The instant from which the run's lies the clock's months or years ahead, by the calendar of UTC, `days` later. In another zone, at a
    month's end and at a change of clocks it is another instant, but less than 8 days off.
-#}
{% macro calendar_bound(clock, as_of, days) -%}
    {{ return(
        "((timestamp '" ~ as_of.replace(tzinfo=none).isoformat(' ') ~ "' - " ~ calendar_step(clock) ~ " + interval '" ~ (days | int)
        ~ " days') at time zone 'UTC')"
    ) }}
{%- endmacro %}


{#- The months or years from a value to the moment when the edge passes it; below 0 for a window that looks ahead. -#}
{% macro calendar_step(clock) -%}
    {{ return("interval '" ~ (clock.count | int) ~ " " ~ clock.unit ~ "'") }}
{%- endmacro %}


{#- How far the clocks of a zone are turned from the day before one instant to the day after another; usually not at all. -#}
{% macro clock_change(first, last, zone) -%}
    {%- set near = "interval '26 hours'" -%}
    {%- set turned -%}
        ({{ local_time('(' ~ last ~ ' + ' ~ near ~ ')', zone) }} - {{ local_time('(' ~ first ~ ' - ' ~ near ~ ')', zone) }})
        - (({{ last }} + {{ near }}) - ({{ first }} - {{ near }}))
    {%- endset -%}
    {{ return("greatest(" ~ turned ~ ", - (" ~ turned ~ "))") }}
{%- endmacro %}


{% macro is_last_of_month(local) -%}
    {{ return("extract(day from " ~ local ~ " + interval '1 day') = 1") }}
{%- endmacro %}
