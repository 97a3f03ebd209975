{#-
    Statements that make the temporary table `concerned_profiles`: those whose row in `profiles` an incremental run has to work out anew.
    These are whom the changed keys name; the guests with an address that a changed customer has or had; visitors who shopped or logged in as
    one of these; and who was merged into one of them. `profiles` is the table as the last run left it. For a pre-hook; nothing in a full run.
-#}
{% macro make_concerned_profiles(profiles, changed) -%}
{%- set identities, customer_rows, orders = ref('profile_identities'), ref('stg_maho__customers'), ref('stg_maho__orders') -%}
{%- set carts, cart_visitors, logins = ref('stg_maho__carts'), ref('stg_maho__cart_visitors'), ref('stg_maho__logins') -%}
{%- if changed is not none and not changed.total -%}
create temporary table concerned_profiles (profile_id bigint) on commit drop
{%- elif changed is not none -%}
{%- set customers, total = keys_of(changed, 'customer'), {'count': changed.total, 'limit': changed.limit} -%}
{%- set emails = dict(total, query='(select emails.email as key from emails)') -%}
{%- set visitors = dict(total, query='(select visitors.visitor_id as key from visitors)') -%}
create temporary table concerned_profiles on commit drop as
with emails as materialized (
    select keys.key as email from {{ keys_of(changed, 'email').query }} as keys
    union
    {{ rows_of_keys(['viewed.email'], customer_rows, 'customer_id', customers) | indent }}
    union
    {{ rows_of_keys(['viewed.email'], profiles, 'customer_id', customers) | indent }}
    union
    {{ rows_of_keys(['viewed.customer_email'], orders, 'order_id', keys_of(changed, 'order')) | indent }}
    {%- for column in ['billing_address_id', 'shipping_address_id'] %}
    union
    {{ rows_of_keys(['viewed.customer_email'], orders, column, keys_of(changed, 'order_address')) | indent }}
    {%- endfor %}
),

visitors as materialized (
    select keys.key as visitor_id from {{ keys_of(changed, 'visitor').query }} as keys
    union
    {{ rows_of_keys(['viewed.visitor_id'], cart_visitors, 'cart_id', keys_of(changed, 'cart')) | indent }}
    union
    {{ rows_of_keys(['viewed.visitor_id'], carts, 'customer_id', customers) | indent }}
    union
    {{ rows_of_keys(['viewed.visitor_id'], carts, 'customer_email', emails) | indent }}
    union
    {{ rows_of_keys(['viewed.visitor_id'], logins, 'customer_id', customers) | indent }}
),

named as materialized (
    {{ rows_of_keys(['viewed.profile_id'], identities, 'customer_id', customers) | indent }}
    union
    {{ rows_of_keys(['viewed.profile_id'], identities, 'email', emails) | indent }}
    union
    {{ rows_of_keys(['viewed.profile_id'], identities, 'visitor_id', visitors) | indent }}
    union
    select keys.key from {{ keys_of(changed, 'repair').query }} as keys
)

select named.profile_id from named
union
{{
    rows_of_keys(
        ['viewed.profile_id'],
        '(select profile_id, coalesce(merged_into_profile_id, profile_id) as owner_id from ' ~ profiles ~ ')',
        'owner_id',
        dict(total, query='(select named.profile_id as key from named)'),
    )
}};
analyze concerned_profiles
{%- endif -%}
{%- endmacro %}
