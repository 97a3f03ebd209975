{#- A value of the plan as a SQL expression: a column, an attribute of the profile, a feature, a literal, or one made from others. -#}
{% macro value_expression(value, scope) -%}
    {%- set attribute = scope.get('attributes', {}).get(tojson(value, sort_keys=true)) if value.get('attribute') else none -%}
    {%- if attribute -%}
        {{ return(scope.population ~ "." ~ attribute.name) }}
    {%- elif 'literal' in value -%}
        {{ return(sql_literal(value.literal, value.type)) }}
    {%- elif 'column' in value -%}
        {{ return(column_expression(value.column, scope)) }}
    {%- elif 'profile' in value -%}
        {{ return(scope.population ~ "." ~ value.profile) }}
    {%- elif 'feature' in value -%}
        {{ return(scope.population ~ "." ~ value.feature) }}
    {%- elif 'part' in value -%}
        {{ return(part_expression(value, scope)) }}
    {%- elif 'days_since' in value -%}
        {{ return("(" ~ today_expression(value, scope) ~ " - " ~ day_expression(value.days_since, value, scope) ~ ")") }}
    {%- elif 'days_between' in value -%}
        {%- set first, last = value.days_between[0], value.days_between[1] -%}
        {{ return("(" ~ day_expression(last, value, scope) ~ " - " ~ day_expression(first, value, scope) ~ ")") }}
    {%- elif 'days_until_anniversary' in value -%}
        {{ return(days_until_anniversary(
            day_expression(value.days_until_anniversary, value, scope), today_expression(value, scope)
        )) }}
    {%- elif 'ratio' in value -%}
        {%- set dividend, divisor = value_expression(value.ratio[0], scope), value_expression(value.ratio[1], scope) -%}
        {#- Two whole numbers would be divided without their fraction. -#}
        {{ return("(" ~ dividend ~ "::numeric / nullif(" ~ divisor ~ ", 0))") }}
    {%- elif 'difference' in value -%}
        {{ return(
            "(" ~ value_expression(value.difference[0], scope) ~ " - " ~ value_expression(value.difference[1], scope) ~ ")"
        ) }}
    {%- elif 'latest_of' in value -%}
        {{ return("greatest(" ~ value_expressions(value.latest_of, scope) | join(', ') ~ ")") }}
    {%- elif 'first_set' in value -%}
        {{ return("coalesce(" ~ value_expressions(value.first_set, scope) | join(', ') ~ ")") }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error("A value of the plan has an unknown form: " ~ (value | list | join(', '))) }}
{%- endmacro %}


{% macro value_expressions(values, scope) -%}
    {%- set expressions = [] -%}
    {%- for value in values -%}{%- do expressions.append(value_expression(value, scope)) -%}{%- endfor -%}
    {{ return(expressions) }}
{%- endmacro %}


{#- A column of the relation's row, or with a dot, of one of its parents. -#}
{% macro column_expression(column, scope) -%}
    {%- if '.' in column -%}
        {%- set parent, name = column.split('.') -%}
        {{ return(scope.parents[parent] ~ "." ~ name) }}
    {%- endif -%}
    {{ return(scope.rows ~ "." ~ column) }}
{%- endmacro %}


{#- The time zone a part of a rule is meant in: the segment's own where it has one, else the one of the profile's website. -#}
{% macro zone_expression(node, scope) -%}
    {{ return(sql_literal(node.time_zone, 'text') if node.get('time_zone') else scope.zone) }}
{%- endmacro %}


{#- The run's day, in the zone of `node`. The website's own is a column, worked out once per profile. -#}
{% macro today_expression(node, scope) -%}
    {%- if not node.get('time_zone') -%}{{ return(scope.today) }}{%- endif -%}
    {{ return(local_date(sql_literal(scope.as_of.isoformat(), 'time'), zone_expression(node, scope))) }}
{%- endmacro %}


{#- Day of a value: a date as it is, an instant's in the zone of `node`. -#}
{% macro day_expression(value, node, scope) -%}
    {%- set expression = value_expression(value, scope) -%}
    {{ return(expression if value.type == 'date' else local_date(expression, zone_expression(node, scope))) }}
{%- endmacro %}


{% macro part_expression(value, scope) -%}
    {%- set whole = value_expression(value.of, scope) -%}
    {%- set local = whole if value.of.type == 'date' else local_time(whole, zone_expression(value, scope)) -%}
    {%- if value.part == 'date' -%}
        {{ return(local ~ "::date") }}
    {%- elif value.part == 'weekday' -%}
        {{ return("to_char(" ~ local ~ ", 'FMday')") }}
    {%- elif value.part in ('hour', 'month') -%}
        {{ return("extract(" ~ value.part ~ " from " ~ local ~ ")") }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error("A part must be date, weekday, hour or month. Got: " ~ value.part) }}
{%- endmacro %}
