{#-
    The left join that brings one EAV attribute's value to its entities, by the attribute's code: `<alias>.value`. An attribute that the
    shop lacks is missing everywhere. At most one row joins, which the planner can prove: a value that nobody asks for costs nothing.
    Products and categories have values per store view; theirs is the default, store 0, or that of the store given.
-#}
{% macro eav_join(alias, values, attributes, code, entity, by_store=false, store_id='0') -%}
    {%- set entity_type, attribute_code = code.split('.', 1) -%}
left join {{ values }} as {{ alias }}
    on {{ entity }} = {{ alias }}.entity_id
    and {{ alias }}.attribute_id = (
        select attributes.attribute_id
        from {{ attributes }} as attributes
        where attributes.entity_type = {{ sql_literal(entity_type, 'text') }}
            and attributes.attribute_code = {{ sql_literal(attribute_code, 'text') }}
    )
    {%- if by_store %}
    and {{ alias }}.store_id = {{ store_id }}
    {%- endif %}
{%- endmacro %}
