{#-
    The feature `flip` of a relation, as an aggregate over its rows: the least instant from the run's on at which the clock changes another
    feature. Rows are many, so each boundary is worked out by row only where that is cheap or the boundary is near.
-#}
{% macro flip_expression(feature, scope) -%}
    {%- set by_row, instants = [], [] -%}
    {%- for clock in feature.value -%}
        {%- if clock.kind == 'window' -%}
            {%- do by_row.append(window_boundary(clock, scope)) -%}
        {%- elif clock.kind == 'calendar_window' -%}
            {%- do by_row.append(near_calendar_boundary(clock, scope)) -%}
            {%- set instant = clock_instant(clock, scope) -%}
            {%- set far = "min(case when " ~ far_from_calendar_edge(instant, clock, scope) ~ " then " ~ instant ~ " end)" -%}
            {%- do instants.append(days_before_calendar_edge(far, clock)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if by_row -%}{%- do instants.append("min(" ~ earliest(by_row) ~ ")") -%}{%- endif -%}
    {#- All rows of a profile have its time zone. -#}
    {%- set whole = dict(scope, zone="min(" ~ scope.zone ~ ")", today="min(" ~ scope.today ~ ")") -%}
    {%- for zone, day in next_days(feature.value, scope).items() -%}
        {%- do instants.append(day_boundary("min(" ~ day ~ ")", {'time_zone': zone or none}, whole)) -%}
    {%- endfor -%}
    {{ return(earliest(instants)) }}
{%- endmacro %}
