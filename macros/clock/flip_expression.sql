{#-
    What a pass over a relation works out of its rows for a feature `flip`, one aggregate each: a list of {name, sql}. `flip_expression` makes
    the feature of them. Rows are many, so a row's own boundary is worked out where it is cheap (fixed windows) or near (calendar
    windows that are passing it about now); of the others the earliest is kept.
-#}
{% macro flip_columns(feature, scope) -%}
    {%- set instants, columns = [], [] -%}
    {%- for clock in feature.value -%}
        {%- if clock.kind == 'window' -%}
            {%- do instants.append(window_boundary(clock, scope)) -%}
        {%- elif clock.kind == 'calendar_window' -%}
            {%- set instant, near = clock_instant(clock, scope), calendar_bound(clock, scope.as_of, 8) -%}
            {%- do instants.append("case when " ~ instant ~ " <= " ~ near ~ " then " ~ calendar_boundary(instant, clock, scope) ~ " end") -%}
            {%- do columns.append(
                {'name': 'window_' ~ loop.index0, 'sql': "min(case when " ~ instant ~ " > " ~ near ~ " then " ~ instant ~ " end)"}
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if instants -%}{%- do columns.append({'name': 'instant', 'sql': "min(" ~ earliest(instants) ~ ")"}) -%}{%- endif -%}
    {%- for day in next_days(feature.value, scope).values() -%}
        {%- do columns.append({'name': 'day_' ~ loop.index0, 'sql': "min(" ~ day ~ ")"}) -%}
    {%- endfor -%}
    {%- if needs_zone(feature.value) -%}
        {%- do columns.append({'name': 'time_zone', 'sql': "min(" ~ scope.zone ~ ")"}) -%}
        {%- do columns.append({'name': 'today', 'sql': "min(" ~ scope.today ~ ")"}) -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}


{#- The feature `flip`, from its columns in `rows`: the least instant from the run's on at which the clock changes another feature. -#}
{% macro flip_expression(feature, rows, as_of) -%}
    {%- set scope = {'rows': rows, 'zone': rows ~ '.time_zone', 'today': rows ~ '.today', 'as_of': as_of} -%}
    {%- set instants = [] -%}
    {%- for clock in feature.value -%}
        {%- if clock.kind == 'calendar_window' -%}
            {%- do instants.append(calendar_boundary(rows ~ '.window_' ~ loop.index0, clock, scope)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if feature.value | selectattr('kind', 'in', ['window', 'calendar_window']) | list -%}
        {%- do instants.append(rows ~ ".instant") -%}
    {%- endif -%}
    {%- for zone in day_zones(feature.value) -%}
        {%- do instants.append(day_boundary(rows ~ '.day_' ~ loop.index0, {'time_zone': zone or none}, scope)) -%}
    {%- endfor -%}
    {{ return(earliest(instants)) }}
{%- endmacro %}


{#- Whether some clock goes by the time zone of the profile's website. -#}
{% macro needs_zone(clocks) -%}
    {%- for clock in clocks if 'time_zone' in clock and not clock.time_zone -%}{{ return(true) }}{%- endfor -%}
    {{ return(false) }}
{%- endmacro %}
