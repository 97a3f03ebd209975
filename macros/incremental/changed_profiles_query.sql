{#-
    Who has to be looked at in an incremental run, and why. A changed key is followed to the profile that has the row now; whose it was before
    has a key of its own in the log. Both sides of a merge are in it: the merged one and whom its rows count for.
-#}
{% macro changed_profiles_query(plan, changed, tables, scope) -%}
with logged as materialized (
    {{ logged_profiles(tables.refresh_scope) | indent }}
),

keyed as materialized (
    {{ key_owners(plan, changed, tables) | join('\nunion all\n') | indent }}
),

found as materialized (
    select keyed.profile_id, 'data' as reason, keyed.is_new from keyed
    union all
    select logged.profile_id, case when logged.is_repair then 'repair' else 'merged' end, logged.is_new from logged
),

all_reasons as (
    select found.profile_id, found.reason, found.is_new from found
    union all
    select profiles.merged_into_profile_id, 'data', found.is_new
    from found
    inner join {{ tables.profiles }} as profiles on found.profile_id = profiles.profile_id
    where profiles.merged_into_profile_id is not null and found.reason <> 'repair'
    union all
    select clocks.profile_id, 'clock', false
    from {{ tables.profile_clocks }} as clocks
    where
        clocks.next_change_at < {{ sql_literal(get_as_of().isoformat(), 'time') }}
        -- Another run, of other segments, has met it already.
        or clocks.renewed_at > {{ sql_literal(scope.previous_as_of, 'time') }}
    {%- if scope.has_new_clocks %}
    union all
    {{ turned_features_query(tables.profile_features, get_as_of()) | indent }}
    {%- endif %}
)

select
    all_reasons.profile_id,
    array_agg(distinct
        case
            when profiles.profile_id is null then 'erased'
            when all_reasons.reason = 'merged' and profiles.merged_into_profile_id is null then 'data'
            else all_reasons.reason
        end
    ) as reasons,
    bool_or(all_reasons.is_new or profiles.profile_id is null) as has_news
from all_reasons
left join {{ tables.profiles }} as profiles on all_reasons.profile_id = profiles.profile_id
left join {{ tables.profile_identities }} as identities on all_reasons.profile_id = identities.profile_id
-- Of who was erased before, nothing is left to look at.
where profiles.profile_id is not null or identities.erased_at is null
group by all_reasons.profile_id
{%- endmacro %}


{#-
    Query of the profiles that a clock of their features has turned for, as the features themselves say: profile_id, reason, is_new. For
    runs with clocks that profile_clocks does not know: a feature may have been made, for segments of which none was published since. The
    clocks of relations that the plan no longer has count, too: features that it still has may be as old.
-#}
{% macro turned_features_query(features, as_of) -%}
    {%- set turned = [] -%}
    {%- for column in adapter.get_columns_in_relation(features) if modules.re.search('_(flip|arrival)_[0-9a-f]+$', column.name) -%}
        {%- do turned.append('features.' ~ adapter.quote(column.name) ~ ' < ' ~ sql_literal(as_of.isoformat(), 'time')) -%}
    {%- endfor -%}
select features.profile_id, 'clock' as reason, false as is_new
from {{ features }} as features
where {{ turned | join(' or ') if turned else 'false' }}
{%- endmacro %}


{#- Queries of profile_id and is_new: whose the rows of the changed keys are. -#}
{% macro key_owners(plan, changed, tables) -%}
    {%- set owner, row_owner = ['viewed.profile_id', 'keys.is_new'], [] -%}
    {%- set identities = tables.profile_identities -%}
    {%- set carts = keys_of(changed, 'cart') -%}
    {%- set queries = [
        rows_of_keys(owner, identities, 'customer_id', keys_of(changed, 'customer')),
        rows_of_keys(owner, identities, 'email', keys_of(changed, 'email')),
        rows_of_keys(owner, identities, 'visitor_id', keys_of(changed, 'visitor')),
        rows_of_keys(owner, tables.orders, 'order_id', keys_of(changed, 'order')),
        rows_of_keys(owner, tables.carts, 'cart_id', carts),
        rows_of_keys(owner, identities, 'visitor_id', led_to(tables.stg_maho__cart_visitors, 'cart_id', carts, 'visitor_id')),
    ] -%}
    {%- for kind, column, view in [
        ('wishlist', 'wishlist_id', tables.stg_maho__wishlists), ('address', 'address_id', tables.stg_maho__addresses),
    ] -%}
        {%- set customers = led_to(view, column, keys_of(changed, kind), 'customer_id') -%}
        {%- do queries.append(rows_of_keys(owner, identities, 'customer_id', customers)) -%}
    {%- endfor -%}
    {%- for column in ['billing_address_id', 'shipping_address_id'] -%}
        {%- set orders = led_to(tables.stg_maho__orders, column, keys_of(changed, 'order_address'), 'order_id') -%}
        {%- do queries.append(rows_of_keys(owner, tables.orders, 'order_id', orders)) -%}
    {%- endfor -%}
    {%- set products = [
        keys_of(changed, 'product'),
        led_to(tables.stg_maho__category_products, 'category_id', keys_of(changed, 'category'), 'product_id'),
    ] -%}
    {%- for model, column in product_relations(plan) -%}
        {%- for keys in products -%}{%- do queries.append(rows_of_keys(owner, tables[model], column, keys)) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(queries) }}
{%- endmacro %}


{#- Keys that the rows of others lead to: what `target` is in the rows of `view` that have one of the `keys` in `column`. -#}
{% macro led_to(view, column, keys, target) -%}
    {{ return({
        'query': "(" ~ rows_of_keys(['viewed.' ~ target ~ ' as key', 'keys.is_new'], view, column, keys) ~ ")",
        'count': keys.count,
        'limit': keys.limit,
    }) }}
{%- endmacro %}


{#- The relations of the plan whose rows have products, each with its column of the product's id, as (model, column). -#}
{% macro product_relations(plan) -%}
    {%- set relations = [] -%}
    {%- for relation in plan.relations.values() -%}
        {%- for parent in relation.parents.values() if parent.model == 'products' -%}
            {%- do relations.append((relation.model, parent.column)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(relations | unique | list) }}
{%- endmacro %}
