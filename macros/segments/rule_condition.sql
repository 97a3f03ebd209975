{#-
    A rule of the plan as a SQL condition. It may come out as null, which everything around it reads as false: a filter, a `case when`,
    and the `is not true` by which a negation is the exact complement of what it negates.

    `scope` says what the rule's names stand for: `rows` and `parents` (aliases of the relation's rows and of its parents, where the rule
    is about rows), `population` (alias of the profiles), `zone` and `today` (SQL of the time zone of the profile's website and of its day)
    and `as_of` (a datetime). `rendered` keeps what was rendered for the same scope before: many segments ask the same.
-#}
{% macro rule_condition(rule, scope, rendered={}) -%}
    {#- Not by calling itself, which Python's stack would end at some forty levels: the list of nodes grows while it is read. -#}
    {%- set nodes = [{'rule': rule, 'parts': []}] -%}
    {%- for node in nodes -%}
        {%- for part in inner_rules(node.rule) -%}
            {%- set inner = {'rule': part, 'parts': []} -%}
            {%- do node.parts.append(inner) -%}
            {%- do nodes.append(inner) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for node in nodes | reverse -%}
        {%- set key = tojson(node.rule) if 'test' in node.rule else none -%}
        {%- set sql = rendered.get(key) or joined_parts(node.rule, node.parts | map(attribute='sql') | list, scope) -%}
        {%- do rendered.update({key: sql}) if key -%}
        {%- do node.update({'sql': sql}) -%}
    {%- endfor -%}
    {{ return(nodes[0].sql) }}
{%- endmacro %}


{#- The rules that a rule is made of. -#}
{% macro inner_rules(rule) -%}
    {%- if 'all' in rule or 'any' in rule -%}
        {{ return(rule.get('all', rule.get('any'))) }}
    {%- endif -%}
    {{ return([rule['not']] if 'not' in rule else []) }}
{%- endmacro %}


{#- A rule's condition from the conditions of the rules that it is made of. -#}
{% macro joined_parts(rule, parts, scope) -%}
    {%- if 'all' in rule or 'any' in rule -%}
        {%- set joined = parts | join(' and ' if 'all' in rule else ' or ') -%}
        {{ return("(" ~ joined ~ ")" if parts | length > 1 else joined) }}
    {%- elif 'not' in rule -%}
        {{ return("(" ~ parts[0] ~ ") is not true") }}
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


{#-
    Column that says whether a profile is in a segment that others refer to. The underscore keeps it apart from attributes, whose names
    begin with a letter; PostgreSQL cuts names off after 63 bytes.
-#}
{% macro segment_flag(name) -%}
    {{ return("_is_in_" ~ (name if name | length <= 56 else name[:47] ~ "_" ~ local_md5(name)[:8])) }}
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


{#- Renders the project's own conditions that active segments use, for nothing but the models that they name by `ref`. -#}
{% macro render_conditions(plan, as_of) -%}
    {%- for segment in plan.segments if segment.is_active and '"condition"' in tojson(segment.match) -%}
        {%- set rules = [segment.match] -%}
        {%- for rule in rules -%}
            {%- do rules.extend(inner_rules(rule)) -%}
            {%- do custom_condition(rule, population_scope('population', as_of)) if 'condition' in rule -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
