{#- Whether a guest's rows count for the account with their address: `identity.guest_orders` of segments.yml. -#}
{% macro joins_guest_orders() -%}
    {{ return(segment_plan().identity.guest_orders == 'join') }}
{%- endmacro %}
