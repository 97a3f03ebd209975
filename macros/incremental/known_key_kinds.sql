{#- The kinds of changed keys that runs can follow to profiles. A row of any other kind, such as `everything`, concerns everybody. -#}
{% macro known_key_kinds() -%}
    {{ return([
        'customer', 'email', 'visitor', 'order', 'order_address', 'cart', 'wishlist', 'address', 'product', 'category', 'profile', 'repair',
    ]) }}
{%- endmacro %}
