{#-
    The named attributes that the plan's active segments use: {key: {name, value}} in the order of their use, so that each is a column,
    worked out once and read by its name. The key is the value itself: an attribute that means something else in a segment with a time
    zone of its own is another column.
-#}
{% macro named_attributes(plan) -%}
    {%- set found = {} -%}
    {%- for segment in plan.segments if segment.is_active -%}
        {%- do collect_attributes(segment.match, found) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#- Adds the attributes of a rule, outermost first, to `found`. The list of nodes grows while it is read, for the depth of rules. -#}
{% macro collect_attributes(rule, found) -%}
    {%- set nodes = [rule] -%}
    {%- for node in nodes -%}
    {%- if node is mapping and node.get('attribute') -%}
        {%- set key = tojson(node, sort_keys=true) -%}
        {%- if key not in found -%}
            {%- set has_namesake = found.values() | selectattr('value.attribute', 'equalto', node.attribute) | list | length > 0 -%}
            {#- A number after an underscore: no attribute's name begins so, and cutting off a long one leaves it unique. -#}
            {%- do found.update({key: {
                'name': '_' ~ (found | length) ~ '_' ~ node.attribute[:50] if has_namesake else node.attribute, 'value': node,
            }}) -%}
        {%- endif -%}
    {%- elif node is mapping and 'condition' not in node -%}
        {%- do nodes.extend(node.values()) -%}
    {%- elif node is sequence and node is not string and node is not mapping -%}
        {%- do nodes.extend(node) -%}
    {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
