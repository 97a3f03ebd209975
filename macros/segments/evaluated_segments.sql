{#- For each active segment that has a number, in the order of the numbers: its number where the profile is in it, else null. -#}
{% macro evaluated_segments(plan, segment_ids, scope) -%}
    {%- set referenced = referenced_segments(plan) -%}
    {%- set by_id, rendered = {}, {} -%}
    {%- for segment in plan.segments if segment.is_active and segment.name in segment_ids -%}
        {%- do by_id.update({segment_ids[segment.name]: segment}) -%}
    {%- endfor -%}
    {%- for id in by_id | sort -%}
    {%- set segment = by_id[id] -%}
-- {{ segment.name }}
{% if segment.name in referenced -%}
case when {{ rule_condition({'segment': segment.name}, scope) }} then {{ id }} end
{%- else -%}
case
    when {{ laid_out_condition(segment.match, scope, rendered) | indent(8) }}
    then {{ id }}
end
{%- endif %}{{ ",\n" if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Names of the segments that active segments refer to: each of them is a column. -#}
{% macro referenced_segments(plan) -%}
    {%- set names = [] -%}
    {%- for segment in plan.segments if segment.is_active -%}{%- do names.extend(segment.references) -%}{%- endfor -%}
    {{ return(names | unique | list) }}
{%- endmacro %}


{#- A rule's condition as `rule_condition` says, the parts of an `all` on lines of their own. -#}
{% macro laid_out_condition(rule, scope, rendered={}) -%}
    {%- set conditions = [] -%}
    {%- for part in rule.get('all', [rule]) -%}{%- do conditions.append(rule_condition(part, scope, rendered)) -%}{%- endfor -%}
    {{ return(conditions | join('\nand ')) }}
{%- endmacro %}
