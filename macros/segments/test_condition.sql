{#- One test of the plan as a SQL condition. All tests are positive; a negative operator is a `not` around its twin. -#}
{% macro test_condition(rule, scope) -%}
    {%- if rule.test in ('eq', 'gt', 'gte', 'lt', 'lte') -%}
        {{ return(comparison(rule, scope)) }}
    {%- elif rule.test == 'in' -%}
        {{ return(one_of(rule, scope)) }}
    {%- elif rule.test == 'is_set' -%}
        {%- set conditions = [] -%}
        {%- for value in spellings(rule.value, scope) -%}
            {%- do conditions.append(list_is_set(value) if rule.value.type == 'list' else value ~ " is not null") -%}
        {%- endfor -%}
        {{ return(either(conditions)) }}
    {%- elif rule.test in ('contains', 'starts_with', 'ends_with', 'matches') -%}
        {{ return(text_test(rule, scope)) }}
    {%- elif rule.test in ('within', 'older_than', 'within_next') -%}
        {{ return(window_test(rule, scope)) }}
    {%- elif rule.test in ('contains_any', 'contains_all') -%}
        {{ return(list_test(rule, scope)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "A test must be one of eq, gt, gte, lt, lte, in, is_set, contains, starts_with, ends_with, matches, within, older_than, "
        ~ "within_next, contains_any, contains_all. Got: " ~ rule.test
    ) }}
{%- endmacro %}


{#- The spellings a value is compared by: itself, and where it is a code, its label. -#}
{% macro spellings(value, scope) -%}
    {%- set found = [value_expression(value, scope)] -%}
    {%- if value.get('also') -%}
        {%- set label = {'type': value.type} -%}
        {%- do label.update({('profile' if 'profile' in value else 'column'): value.also}) -%}
        {%- do found.append(value_expression(label, scope)) -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}


{#- Text without regard to case, unless the test says otherwise; other types as they are. -#}
{% macro folded(expression, value, rule) -%}
    {{ return(
        "lower(" ~ expression ~ ")" if value.type == 'text' and not rule.get('case_sensitive', false) else expression
    ) }}
{%- endmacro %}


{#- `conditions` of which one must hold. -#}
{% macro either(conditions) -%}
    {{ return(conditions[0] if conditions | length == 1 else "(" ~ conditions | join(' or ') ~ ")") }}
{%- endmacro %}


{% macro comparison(rule, scope) -%}
    {%- set sign = {'eq': '=', 'gt': '>', 'gte': '>=', 'lt': '<', 'lte': '<='}[rule.test] -%}
    {%- set conditions = [] -%}
    {%- for left in spellings(rule.value, scope) -%}
        {%- for right in spellings(rule.to, scope) -%}
            {%- do conditions.append(
                folded(left, rule.value, rule) ~ " " ~ sign ~ " " ~ folded(right, rule.value, rule)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(either(conditions)) }}
{%- endmacro %}


{% macro one_of(rule, scope) -%}
    {#- Literals of one type, perhaps thousands. -#}
    {%- set values = sql_literals(rule.to | map(attribute='literal'), rule.to[0].type) -%}
    {%- set folds = folded('', rule.value, rule) != '' -%}
    {%- set listed = "lower(" ~ values | join('), lower(') ~ ")" if folds else values | join(', ') -%}
    {%- set conditions = [] -%}
    {%- for left in spellings(rule.value, scope) -%}
        {%- do conditions.append(folded(left, rule.value, rule) ~ " in (" ~ listed ~ ")") -%}
    {%- endfor -%}
    {{ return(either(conditions)) }}
{%- endmacro %}


{% macro text_test(rule, scope) -%}
    {%- set render = {
        'contains': text_contains, 'starts_with': text_starts_with, 'ends_with': text_ends_with,
    } -%}
    {%- set conditions = [] -%}
    {%- for text in spellings(rule.value, scope) -%}{%- for part in spellings(rule.to, scope) -%}
        {%- if rule.test == 'matches' -%}
            {#- Folded as for other tests: to an expression alone, ẞ would not be ß in another case. -#}
            {%- do conditions.append(
                text_matches(folded(text, rule.value, rule), part, rule.get('case_sensitive', false))
            ) -%}
        {%- else -%}
            {%- do conditions.append(
                render[rule.test](folded(text, rule.value, rule), folded(part, rule.value, rule))
            ) -%}
        {%- endif -%}
    {%- endfor -%}{%- endfor -%}
    {{ return(either(conditions)) }}
{%- endmacro %}


{#- A date counts as its first moment in the profile's time zone. -#}
{% macro window_test(rule, scope) -%}
    {%- set zone = zone_expression(rule, scope) -%}
    {%- set value = value_expression(rule.value, scope) -%}
    {%- set instant = day_start(value, zone) if rule.value.type == 'date' else value -%}
    {%- set present = sql_literal(scope.as_of.isoformat(), 'time') -%}
    {%- set direction = 1 if rule.test == 'within_next' else -1 -%}
    {%- set bound = shifted_instant(scope.as_of, rule.duration.count, rule.duration.unit, direction, zone) -%}
    {%- set is_before, is_since = instant ~ " < " ~ bound, instant ~ " >= " ~ bound -%}
    {%- if rule.duration.unit in ('months', 'years') and rule.value.type != 'date' -%}
        {%- set far = {'count': -direction * rule.duration.count, 'unit': rule.duration.unit} -%}
        {%- set is_before = calendar_test(instant, is_before, far, scope.as_of, true) -%}
        {%- set is_since = calendar_test(instant, is_since, far, scope.as_of, false) -%}
    {%- endif -%}
    {%- if rule.test == 'older_than' -%}
        {{ return(is_before) }}
    {%- elif direction == 1 -%}
        {{ return("(" ~ instant ~ " >= " ~ present ~ " and " ~ is_before ~ ")") }}
    {%- endif -%}
    {{ return("(" ~ is_since ~ " and " ~ instant ~ " < " ~ present ~ ")") }}
{%- endmacro %}


{#-
    A comparison with the edge of a window of months or years, which depends on the time zone, and asking for that takes longer than the
    rest of a rule. Of what lies days before the edge by UTC, or after it, the answer is known.
-#}
{% macro calendar_test(instant, exact, clock, as_of, is_true_before) -%}
    {%- set before, since = ('true', 'false') if is_true_before else ('false', 'true') -%}
    {{ return(
        "case when " ~ instant ~ " >= " ~ calendar_bound(clock, as_of, 8) ~ " then " ~ since
        ~ " when " ~ instant ~ " < " ~ calendar_bound(clock, as_of, -8) ~ " then " ~ before ~ " else " ~ exact ~ " end"
    ) }}
{%- endmacro %}


{% macro list_test(rule, scope) -%}
    {%- set list = value_expression(rule.value, scope) -%}
    {%- set literals = sql_array(rule.to | map(attribute='literal'), 'text') -%}
    {{ return(
        list_contains_all(list, literals) if rule.test == 'contains_all' else list_contains_any(list, literals)
    ) }}
{%- endmacro %}
