{#-
    Whom the rows of a source concern, as its `concerns` say it, in one form: a list of {kind, column, unless, where}. `column` holds the
    id or address; rows count only where column `unless` is missing or 0, and where the columns of `where` have one of the values given.
-#}
{% macro normalized_concerns(concerns, source) -%}
    {%- set kinds = ['customer', 'email', 'visitor', 'order', 'order_address', 'cart', 'wishlist', 'address', 'product', 'category', 'everything'] -%}
    {%- set found = [] -%}
    {%- for kind, given in ({concerns: {}} if concerns is string else concerns).items() -%}
        {%- for one in ([given] if given is string or given is mapping else given) -%}
            {%- set concern = {'kind': kind, 'column': none, 'unless': none, 'where': {}} -%}
            {%- do concern.update({'column': one} if one is string else one) -%}
            {%- if kind not in kinds or concern | length != 4 or (concern.column is none) != (kind == 'everything') -%}
                {{ exceptions.raise_compiler_error(
                    "Source " ~ source ~ ": `concerns` must be `everything`, or a column for each kind of id that the rows are found by ("
                    ~ kinds | join(', ') ~ "), or {column, unless, where} instead of the column. Got: " ~ kind ~ ': ' ~ tojson(one)
                ) }}
            {%- endif -%}
            {%- set where = {} -%}
            {%- for column, values in concern.where.items() -%}
                {%- do where.update({column: values if values is sequence and values is not string else [values]}) -%}
            {%- endfor -%}
            {%- do concern.update({'where': where}) -%}
            {%- do found.append(concern) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
