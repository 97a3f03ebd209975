{#-
    The value of a shop's attribute as a rule sees it. `reads` says how the shop keeps it: as text, or as what stands for something else: a
    `label` by its `option`, `labels` by a list of options, a `code` or `codes` of the shop's own lists, a `flag`, a `number`, a `date`, a `time`.
-#}
{% macro attribute_expression(attribute, value, label, option_labels) -%}
    {%- if attribute.reads == 'label' -%}
        {{ return(label) }}
    {%- elif attribute.reads in ('text', 'option', 'code') -%}
        {{ return("nullif(" ~ as_text(value) ~ ", '')") }}
    {%- elif attribute.reads == 'labels' -%}
        {{ return(option_spellings(value, option_labels)) }}
    {%- elif attribute.reads == 'codes' -%}
        {{ return(id_list("lower(" ~ as_text(value) ~ ")")) }}
    {%- elif attribute.reads == 'flag' -%}
        {{ return("(nullif(" ~ as_text(value) ~ ", '') = '1')") }}
    {%- elif attribute.reads == 'number' -%}
        {{ return(value) }}
    {%- elif attribute.reads == 'date' -%}
        {{ return("(" ~ value ~ ")::date") }}
    {%- elif attribute.reads == 'time' -%}
        {{ return(utc_time(value)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "The attribute " ~ attribute.code ~ " must be read as one of text, label, option, labels, code, codes, flag, number, date, time. Got: "
        ~ attribute.reads
    ) }}
{%- endmacro %}


{#- The same as text: the entry of a list, or several with the separator between them. Entries of lists are in lower case. -#}
{% macro attribute_entries(attribute, value, label, option_labels) -%}
    {%- set expression = attribute_expression(attribute, value, label, option_labels) -%}
    {%- if attribute.reads == 'label' -%}
        {%- set id = "nullif(" ~ as_text(value) ~ ", '')" -%}
        {{ return("nullif(concat_ws(" ~ entry_separator() ~ ", " ~ entry("lower(" ~ label ~ ")") ~ ", " ~ id ~ "), '')") }}
    {%- elif attribute.reads in ('labels', 'codes') -%}
        {{ return("array_to_string(" ~ expression ~ ", " ~ entry_separator() ~ ")") }}
    {%- elif attribute.reads == 'number' and attribute.table == 'decimal' -%}
        {{ return("trim_scale(" ~ expression ~ ")::text") }}
    {%- elif attribute.reads == 'time' -%}
        {{ return("to_char(" ~ value ~ ", 'YYYY-MM-DD\"t\"HH24:MI:SS\"z\"')") }}
    {%- elif attribute.reads in ('text', 'option', 'code') -%}
        {{ return(entry("lower(" ~ expression ~ ")")) }}
    {%- endif -%}
    {{ return(as_text(expression)) }}
{%- endmacro %}


{#- The ids of a comma-separated list of options, and their labels. -#}
{% macro option_spellings(value, option_labels) -%}
{%- set ids = id_list(as_text(value)) -%}
(
        select array_agg(spellings.spelling order by spellings.spelling)
        from (
            select ids.id as spelling
            from unnest({{ ids }}) as ids (id)
            union
            select {{ entry('lower(labels.label)') }}
            from {{ option_labels }} as labels
            where labels.option_id = any(
                {#- A list with anything else in it than ids names no option. #}
                case when array_to_string({{ ids }}, ',') ~ '^[0-9]{1,18}(,[0-9]{1,18})*$' then {{ ids }}::bigint[] end
            )
        ) as spellings
        where spellings.spelling is not null
    )
{%- endmacro %}


{#- The option that a value names; a text that is no number names none. -#}
{% macro option_id(value, table) -%}
    {%- if table == 'int' -%}{{ return(value) }}{%- endif -%}
    {{ return("case when " ~ as_text(value) ~ " ~ '^[0-9]{1,18}$' then (" ~ as_text(value) ~ ")::bigint end") }}
{%- endmacro %}


{% macro as_text(value) -%}
    {{ return("(" ~ value ~ ")::text") }}
{%- endmacro %}


{#- Between the entries of a list that is put together as one text: a character that nobody types, taken out of what somebody pasted. -#}
{% macro entry_separator() -%}
    {{ return("chr(31)") }}
{%- endmacro %}


{% macro entry(text) -%}
    {{ return("replace(" ~ text ~ ", " ~ entry_separator() ~ ", '')") }}
{%- endmacro %}
