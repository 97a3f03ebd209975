{#-
    The run's one instant, an aware datetime in UTC, to the second: the variable `as_of` (ISO 8601), or the moment the run started.
    Everything that depends on time takes it from here.
-#}
{% macro get_as_of() -%}
    {%- set given = var('as_of', none) -%}
    {%- if given is none -%}
        {{ return(run_started_at.astimezone(modules.pytz.utc).replace(microsecond=0)) }}
    {%- endif -%}
    {#- A YAML command line turns an unquoted instant into a datetime of its own. -#}
    {%- set text = (given | string).strip().replace('Z', '+00:00') -%}
    {%- if not modules.re.match('^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([+-][0-9]{2}:?[0-9]{2})?)?$', text) -%}
        {{ exceptions.raise_compiler_error(
            "The variable as_of must be an ISO 8601 instant such as 2026-01-31T05:00:00Z. Got: " ~ given
        ) }}
    {%- endif -%}
    {%- set instant = modules.datetime.datetime.fromisoformat(text) -%}
    {%- if instant.tzinfo is none -%}
        {{ return(modules.pytz.utc.localize(instant)) }}
    {%- endif -%}
    {{ return(instant.astimezone(modules.pytz.utc)) }}
{%- endmacro %}
