{#-
    The rows (kind, id, email, applies) that one row of a captured table comes to, for `lateral (values ...)`: one for each thing that it
    concerns. `types` are the table's columns with their types: what the shop lacks is missing in staging too, and concerns nobody.
-#}
{% macro concern_rows(source, row, types) -%}
    {%- set rows = [] -%}
    {%- for concern in source.concerns -%}
        {%- set needed = [concern.column] if concern.column else [] -%}
        {%- set needed = needed + concern.where | list -%}
        {%- set missing = needed | reject('in', types) | list -%}
        {%- for column in missing if column not in source.declared -%}
            {{ exceptions.raise_compiler_error(
                "Source " ~ source.name ~ ": `concerns` names column " ~ column ~ ", which the table does not have. It has: "
                ~ types | list | sort | join(', ')
            ) }}
        {%- endfor -%}
        {%- if not missing -%}{%- do rows.append(_concern_row(concern, row, types)) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}


{#- One of them, as the inside of a row of `values`. -#}
{% macro _concern_row(concern, row, types) -%}
    {%- set conditions = [] -%}
    {%- for column, values in concern.where.items() -%}
        {%- do conditions.append(row ~ "." ~ adapter.quote(column) ~ "::text in (" ~ sql_literals(values, 'text') | join(', ') ~ ")") -%}
    {%- endfor -%}
    {%- if concern.unless and concern.unless in types -%}
        {#- A column loaded as text is empty where it is missing. -#}
        {%- do conditions.append("coalesce(" ~ row ~ "." ~ adapter.quote(concern.unless) ~ "::text, '') in ('', '0')") -%}
    {%- endif -%}
    {%- if not concern.column -%}
        {{ return("'everything', null::bigint, null::text, " ~ (conditions or ['true']) | join(' and ')) }}
    {%- endif -%}
    {%- set value = row ~ "." ~ adapter.quote(concern.column) -%}
    {%- do conditions.append(value ~ " is not null") -%}
    {%- set applies = conditions | join(' and ') -%}
    {%- if concern.kind == 'email' -%}
        {{ return("'email', null::bigint, " ~ normalized_email(value) ~ ", " ~ applies) }}
    {%- elif types[concern.column] in ('int2', 'int4', 'int8') -%}
        {{ return(sql_literal(concern.kind, 'text') ~ ", " ~ value ~ "::bigint, null::text, " ~ applies) }}
    {%- endif -%}
    {#- Loaded from elsewhere, an id can be text. What is no number leads to nobody, so everybody is looked at; a shop's write must not fail. -#}
    {%- set is_id = "btrim(" ~ value ~ "::text) ~ '^[+-]?[0-9]{1,18}$'" -%}
    {{ return(
        "case when " ~ is_id ~ " then " ~ sql_literal(concern.kind, 'text') ~ " else 'everything' end, case when " ~ is_id ~ " then btrim("
        ~ value ~ "::text)::bigint end, null::text, " ~ applies ~ " and " ~ value ~ "::text <> ''"
    ) }}
{%- endmacro %}
