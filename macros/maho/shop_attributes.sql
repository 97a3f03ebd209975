{#-
    The attributes of the shop that the properties of a model declare, as {columns, joins}: SQL to stand at the end of a select list and of
    `from`. `values` has the relation of each value table (varchar, int, decimal, datetime, text), `id` is SQL of the entity's id. With
    `as_entries` a column is the list of the values of all rows that are grouped. While dbt parses, properties are not there yet.
-#}
{% macro shop_attributes(columns, values, id, by_store=false, as_entries=false) -%}
{%- set attributes, option_labels, stores = ref('stg_maho__attributes'), ref('stg_maho__option_labels'), ref('stg_maho__stores') -%}
{%- set tables = {} -%}
{%- for type, relation in values.items() -%}{%- do tables.update({type: maho_source(relation)}) -%}{%- endfor -%}
{%- set found = {'columns': [], 'joins': [], 'aliases': {}} -%}
{%- for column in columns.values() -%}
    {%- set attribute = column_attribute(column) -%}
    {%- if attribute -%}
    {%- set source = [attribute.code, attribute.get('store', '')] | join('.') -%}
    {%- if source not in found.aliases -%}
        {%- do found.aliases.update({source: column.name}) -%}
        {%- do found.joins.append(attribute_joins(column.name, attribute, tables[attribute.table], attributes, stores, id, by_store)) -%}
    {%- endif -%}
    {%- set value = attribute_value(found.aliases[source], attribute) -%}
    {%- if attribute.reads == 'label' -%}
        {%- do found.joins.append(
            "left join " ~ option_labels ~ " as " ~ column.name ~ "_labels\n    on " ~ option_id(value, attribute.table) ~ " = "
            ~ column.name ~ "_labels.option_id"
        ) -%}
    {%- endif -%}
    {%- set form = attribute_entries if as_entries else attribute_expression -%}
    {%- set expression = form(attribute, value, column.name ~ '_labels.label', option_labels) -%}
    {%- if as_entries -%}
        {%- set expression = "string_to_array(string_agg(" ~ expression ~ ", " ~ entry_separator() ~ "), " ~ entry_separator() ~ ")" -%}
    {%- endif -%}
    {%- do found.columns.append(",\n    " ~ expression ~ " as " ~ column.name) -%}
    {%- endif -%}
{%- endfor -%}
    {{ return({'columns': found.columns | join, 'joins': found.joins | join('\n')}) }}
{%- endmacro %}


{#- What the `meta` of a column says about the shop's attribute that it holds; none for any other column. -#}
{% macro column_attribute(column) -%}
    {%- set meta = column.get('config', {}).get('meta') or column.get('meta') or {} -%}
    {{ return(meta.get('attribute')) }}
{%- endmacro %}


{#- The joins to an attribute's values: the default, and for a store view those of its own. -#}
{% macro attribute_joins(name, attribute, values, attributes, stores, id, by_store) -%}
    {%- set code = attribute.entity ~ '.' ~ attribute.code -%}
    {%- set joins = [eav_join(name ~ '_values', values, attributes, code, id, by_store)] -%}
    {%- if attribute.store -%}
        {%- set store_id -%}
(
        select min(stores.store_id)
        from {{ stores }} as stores
        where stores.store = {{ sql_literal(attribute.store, 'text') }}
    )
        {%- endset -%}
        {%- do joins.append(eav_join(name ~ '_own_values', values, attributes, code, id, by_store, store_id | trim)) -%}
    {%- endif -%}
    {{ return(joins | join('\n')) }}
{%- endmacro %}


{#- The value as the shop keeps it. A store view's own counts even where it is empty: that is how the shop says so. -#}
{% macro attribute_value(name, attribute) -%}
    {%- set default = name ~ "_values.value" -%}
    {%- if not attribute.store -%}{{ return(default) }}{%- endif -%}
    {%- set own = name ~ "_own_values" -%}
    {{ return("case when " ~ own ~ ".entity_id is not null then " ~ own ~ ".value else " ~ default ~ " end") }}
{%- endmacro %}
