{#-
    The website that a row's store view belongs to; where the store view is gone, the main website. `stores` is the alias of
    stg_maho__stores, joined left.
-#}
{% macro website_of_store(stores, main_website) -%}
    {{ return(
        "coalesce(" ~ stores ~ ".customer_website_id, (select main_website.website_id from " ~ main_website ~ " as main_website), 0)"
    ) }}
{%- endmacro %}
