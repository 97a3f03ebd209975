{#- The active segments of these names, with those that they refer to; all, where none is named. -#}
{% macro chosen_segments(plan, names) -%}
    {%- set active = {} -%}
    {%- for segment in plan.segments if segment.is_active -%}{%- do active.update({segment.name: segment}) -%}{%- endfor -%}
    {%- set chosen = names | list or active | list -%}
    {%- for name in chosen -%}
        {%- if name not in active -%}
            {{ exceptions.raise_compiler_error(
                "The variable `segments` names " ~ name ~ ", which is no active segment. There are: " ~ active | join(', ')
            ) }}
        {%- endif -%}
        {#- The list grows while it is read. -#}
        {%- do chosen.extend(active[name].references | reject('in', chosen) | list) -%}
    {%- endfor -%}
    {{ return(active | select('in', chosen) | list) }}
{%- endmacro %}


{#- Names of the segments that this run evaluates: the chosen ones, without those that fail. -#}
{% macro run_segments(plan) -%}
    {{ return(chosen_segments(plan, var('segments')) | reject('in', failed_segments(plan, var('failed_segments'))) | list) }}
{%- endmacro %}


{#- The error of each segment that fails: those of `errors`, and those that refer to them. -#}
{% macro failed_segments(plan, errors) -%}
    {%- set failed = dict(errors) -%}
    {%- for segment in plan.segments | selectattr('is_active') | sort(attribute='level') -%}
        {%- for reference in segment.references if reference in failed and segment.name not in failed -%}
            {%- do failed.update({segment.name: "it refers to " ~ reference ~ ", which failed"}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(failed) }}
{%- endmacro %}


{#- The plan with no other segments than these and those that they refer to, and the features of all. -#}
{% macro plan_of(plan, names) -%}
    {%- set chosen = chosen_segments(plan, names) if names else [] -%}
    {{ return(dict(plan, segments=plan.segments | selectattr('name', 'in', chosen) | list)) }}
{%- endmacro %}
