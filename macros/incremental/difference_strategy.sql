{#-
    Incremental strategy `difference`: makes the table equal to the model's result by writing only the rows that differ, found by
    `unique_key`: changed rows are updated, missing ones inserted, rows that the result no longer has deleted. An equal row is not
    touched, not even locked. With `config.meta.keeps_missing_rows` rows the result lacks stay. In an incremental run the result has, of a
    model with `config.meta.evaluated`, only the rows for which that SQL condition holds. dbt runs the statements in one transaction.
-#}
{% macro get_incremental_difference_sql(arg_dict) -%}
    {%- set key = adapter.quote(arg_dict.unique_key) -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='name') | list -%}
    {%- set others = [] -%}
    {%- for column in columns if column != arg_dict.unique_key -%}{%- do others.append(adapter.quote(column)) -%}{%- endfor -%}
    {%- set quoted = [key] + others -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set is_partial = 'evaluated' in meta and get_refresh_scope(ref('refresh_scope')).mode == 'incremental' -%}
{%- if others %}
update {{ arg_dict.target_relation }} as published
set
    {%- for column in others %}
    {{ column }} = computed.{{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ arg_dict.temp_relation }} as computed
where
    published.{{ key }} = computed.{{ key }}
    and (published.{{ others | join(', published.') }}) is distinct from (computed.{{ others | join(', computed.') }});
{%- endif %}

insert into {{ arg_dict.target_relation }} ({{ quoted | join(', ') }})
select computed.{{ quoted | join(', computed.') }}
from {{ arg_dict.temp_relation }} as computed
where not exists (
    select 1 from {{ arg_dict.target_relation }} as published where published.{{ key }} = computed.{{ key }}
);
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
