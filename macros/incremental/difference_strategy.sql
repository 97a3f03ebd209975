{#-
    Incremental strategy `difference`: makes the table equal to the model's result by writing only the rows that differ, found by
    `unique_key`: changed rows are updated, missing ones inserted, rows that the result no longer has deleted. An equal row is not
    touched, not even locked. With `config.meta.keeps_missing_rows` rows the result lacks stay. In an incremental run the result has, of a
    model with `config.meta.evaluated`, only the rows for which that SQL condition holds. dbt runs the statements in one transaction.
-#}
{% macro get_incremental_difference_sql(arg_dict) -%}
    {%- set key = adapter.quote(arg_dict.unique_key) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set is_partial = 'evaluated' in meta and get_refresh_scope(ref('refresh_scope')).mode == 'incremental' -%}
{{ difference_writes(
    arg_dict.target_relation, arg_dict.temp_relation, arg_dict.unique_key, arg_dict.dest_columns | map(attribute='name') | list
) }}
{%- if not meta.get('keeps_missing_rows', false) %}

delete from {{ arg_dict.target_relation }} as published
where
    {%- if is_partial %}
    published.{{ meta.evaluated }}
    and
    {%- endif %}
    not exists (
        select 1 from {{ arg_dict.temp_relation }} as computed where computed.{{ key }} = published.{{ key }}
    );
{%- endif %}
{%- endmacro %}


{#- The rows of `source` that differ from those of `target`, or are missing there, written to it. -#}
{% macro difference_writes(target, source, key, columns) -%}
    {%- set quoted = [] -%}
    {%- for column in columns -%}{%- do quoted.append(adapter.quote(column)) -%}{%- endfor -%}
    {%- set quoted_key = adapter.quote(key) -%}
{%- if columns | length > 1 %}
{{ differing_rows_update(target, source, key, columns | reject('equalto', key) | list) }}
{%- endif %}

insert into {{ target }} ({{ quoted | join(', ') }})
select computed.{{ quoted | join(', computed.') }}
from {{ source }} as computed
where not exists (
    select 1 from {{ target }} as published where published.{{ quoted_key }} = computed.{{ quoted_key }}
);
{%- endmacro %}


{#- The columns of `target` that differ from those of `source`, set to these. -#}
{% macro differing_rows_update(target, source, key, columns) -%}
    {%- set quoted_key, quoted = adapter.quote(key), [] -%}
    {%- for column in columns -%}{%- do quoted.append(adapter.quote(column)) -%}{%- endfor -%}
update {{ target }} as published
set
    {%- for column in quoted %}
    {{ column }} = computed.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ source }} as computed
where
    published.{{ quoted_key }} = computed.{{ quoted_key }}
    and (published.{{ quoted | join(', published.') }}) is distinct from (computed.{{ quoted | join(', computed.') }});
{%- endmacro %}
