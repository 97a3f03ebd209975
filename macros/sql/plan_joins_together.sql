{#-
    Statement for the pre-hook of a model that looks up single keys in views. PostgreSQL orders eight joins at a time, and a view on the
    orders has nine: the order's address would be compared after all orders of guests are read, not found by its index.
-#}
{% macro plan_joins_together() -%}
    {{ return("set local join_collapse_limit = 16; set local from_collapse_limit = 16") }}
{%- endmacro %}
