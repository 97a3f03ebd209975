{{
    config(
        materialized='incremental',
        incremental_strategy='difference',
        unique_key='index_id',
        full_refresh=false,
        schema='work',
        indexes=[{'columns': ['index_id'], 'unique': true}, {'columns': ['profile_id']}],
        meta={'evaluated': 'profile_id in (select concerned_viewers.profile_id from concerned_viewers)'},
        pre_hook="{{ make_concerned_viewers(get_changed_keys(ref('changed_keys'), ref('refresh_scope'))) }}",
        post_hook=[
            "{{ move_refresh_pointer(ref('refresh_pointers'), 'unlogged_product_views', get_refresh_scope(ref('refresh_scope'))) }}",
            "{{ analyze_after_full(this, ref('refresh_scope')) }}",
        ],
    )
}}

{%- set list, events = ref('stg_maho__last_viewed_products'), ref('stg_maho__product_view_events') -%}
{%- set list_of_customers, list_of_visitors = list, list -%}

{#- An incremental run reads what is of `concerned_viewers`. -#}
{%- set keys = get_changed_keys(ref('changed_keys'), ref('refresh_scope')) -%}
{%- set changed = keys if is_incremental() else none -%}
{%- set few = changed is not none and changed.total <= changed.limit -%}
{%- if changed is not none -%}
    {#- Profiles that the log itself names can be there without any key. -#}
    {%- set total = {'count': [changed.total, 1] | max, 'limit': changed.limit} -%}
    {%- set customers = dict(total, query='(select subject_id as key from profile_subjects where is_of_customer)') -%}
    {%- set visitors = dict(total, query='(select subject_id as key from profile_subjects where not is_of_customer)') -%}
    {%- set list_of_customers = '(' ~ rows_of_keys(['viewed.*'], list, 'customer_id', customers) ~ ')' -%}
    {%- set list_of_visitors = '(' ~ rows_of_keys(['viewed.*'], list, 'visitor_id', visitors) ~ ')' -%}
    {%- set events_of = [] -%}
    {%- for side, keys in {'is_of_customer': customers, 'is_of_visitor': visitors}.items() -%}
        {%- do events_of.append(rows_of_keys(['viewed.*'], '(select * from ' ~ events ~ ' where ' ~ side ~ ')', 'subject_id', keys)) -%}
    {%- endfor -%}
    {%- set concerned_events = '(' ~ events_of | join(' union all ') ~ ')' -%}
{%- endif %}

with

-- Under which ids the shop knows each person.
profile_subjects as (
    select
        profile_id,
        customer_id as subject_id,
        true as is_of_customer
    from {{ ref('profiles') }}
    where
        customer_id is not null  -- noqa: LT02
        {%- if changed is not none %}
        and profile_id in (select concerned_viewers.profile_id from concerned_viewers)
        {%- endif %}

    union all

    select
        coalesce(merged_into_profile_id, profile_id) as profile_id,
        visitor_id as subject_id,
        false as is_of_customer
    from {{ ref('profiles') }}
    where
        visitor_id is not null  -- noqa: LT02
        {%- if changed is not none %}
        and coalesce(merged_into_profile_id, profile_id) in (select concerned_viewers.profile_id from concerned_viewers)
        {%- endif %}
),

listed as (
    select
        customer_id as subject_id,
        true as is_of_customer,
        product_id,
        index_id,
        viewed_at
    from {{ list_of_customers }} as listed
    where customer_id is not null

    union all

    select
        visitor_id as subject_id,
        false as is_of_customer,
        product_id,
        index_id,
        viewed_at
    from {{ list_of_visitors }} as listed
    where customer_id is null and visitor_id is not null
),

-- Nearly all of the list is in the log under the same customer or visitor. That is found by the shop's own ids; the few
-- rows left are worth the trouble of finding out who they belong to.
unlogged_by_subject as (
    select
        listed.subject_id,
        listed.is_of_customer,
        listed.product_id,
        max(listed.index_id) as index_id,
        max(listed.viewed_at) as viewed_at
    from listed
    where
        not exists (
            select 1
            from {{ concerned_events if changed is not none else events }} as logged
            where
                logged.subject_id = listed.subject_id
                and logged.is_of_customer = listed.is_of_customer
                and logged.product_id = listed.product_id
                and (logged.is_of_customer or logged.is_of_visitor)
        )
    group by listed.subject_id, listed.is_of_customer, listed.product_id
),

-- One person's customer and visitors can have the same product on the list.
unlogged_by_profile as (
    select
        profile_subjects.profile_id,
        unlogged_by_subject.product_id,
        max(unlogged_by_subject.index_id) as index_id,
        max(unlogged_by_subject.viewed_at) as viewed_at
    from unlogged_by_subject
    inner join profile_subjects
        on unlogged_by_subject.subject_id = profile_subjects.subject_id
        and unlogged_by_subject.is_of_customer = profile_subjects.is_of_customer
    group by profile_subjects.profile_id, unlogged_by_subject.product_id
),

-- Fenced: these are few, and the planner, not knowing that, would begin with the whole log.
other_ids as materialized (
    select
        unlogged_by_profile.profile_id,
        unlogged_by_profile.product_id,
        profile_subjects.subject_id,
        profile_subjects.is_of_customer
    from unlogged_by_profile
    inner join profile_subjects on unlogged_by_profile.profile_id = profile_subjects.profile_id
),

-- What the log has under another id of the same person.
logged_otherwise as (
    select
        other_ids.profile_id,
        other_ids.product_id
    from other_ids
    inner join {{ looked_up(events, 'events', {
        'subject_id': 'other_ids.subject_id',
        'is_of_customer': 'other_ids.is_of_customer',
        'product_id': 'other_ids.product_id',
    }, few) }}
    where events.is_of_customer or events.is_of_visitor
),

final as (
    select
        index_id,
        profile_id,
        product_id,
        viewed_at
    from unlogged_by_profile
    where
        not exists (
            select 1
            from logged_otherwise
            where
                logged_otherwise.profile_id = unlogged_by_profile.profile_id
                and logged_otherwise.product_id = unlogged_by_profile.product_id
        )
)

select * from final
