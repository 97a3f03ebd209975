{#-
    Erases those whom the shop no longer has: of their identities the bare number stays, so that nobody else is given it, and of their
    changes nothing, in whichever segment. Their memberships end with everybody else's, among the differences. Their addresses and ids go
    from the changed keys, and from what this run has taken into account of the change log: segments with older pointers would find nobody
    by them. A full run has no changed keys and looks at the whole log; another follows the keys that are new to it.
-#}
{% macro erase_profiles_ctes(tables, as_of, run) -%}
erased as (
    update {{ tables.profile_identities }} as identities
    set customer_id = null, website_id = null, email = null, visitor_id = null, erased_at = {{ as_of }}
    {%- if run.mode != 'full' %}
    from {{ tables.changed_profiles }} as changes
    {%- endif %}
    where
        identities.erased_at is null
        {%- if run.mode != 'full' %}
        and identities.profile_id = changes.profile_id
        {%- endif %}
        and not exists (select 1 from {{ tables.profiles }} as profiles where profiles.profile_id = identities.profile_id)
    returning identities.profile_id
),

changes_erased as (
    delete from {{ tables.segment_membership_changes }} as changes
    -- An array, so that the few of them are found by the index, however many changes there are.
    where changes.profile_id = any(array(select erased.profile_id from erased))
),

-- Also addresses that nobody has any more, or never had when a run looked. The keys of a run that failed before are no longer new.
keys_erased as (
    delete from {{ tables.changed_keys }} as keys
    where (keys.is_new or exists (select 1 from erased)) and {{ leads_to_nobody('keys', tables.profiles) }}
    returning keys.kind, keys.id, keys.email
)
{%- if run.pointer is not none and load_relation(change_log()) is not none %},

log_erased as (
    delete from {{ change_log() }} as log
    {%- if run.mode != 'full' %}
    using keys_erased
    {%- endif %}
    where
        pg_visible_in_snapshot(log.transaction_id, {{ sql_literal(run.pointer, 'text') }}::pg_snapshot)
        {%- if run.mode == 'full' %}
        and {{ leads_to_nobody('log', tables.profiles) }}
        {%- else %}
        and log.kind = keys_erased.kind
        and coalesce(log.email, log.id::text) = coalesce(keys_erased.email, keys_erased.id::text)
        {%- endif %}
)
{%- endif %}
{%- endmacro %}


{#- SQL of whether a changed row is about a customer or an address that no profile has. `keys` is the alias of the row. -#}
{% macro leads_to_nobody(keys, profiles) -%}
case {{ keys }}.kind
        {%- for kind, key, column in [('customer', 'id', 'customer_id'), ('email', 'email', 'email')] %}
        when {{ sql_literal(kind, 'text') }}
            then not exists (select 1 from {{ profiles }} as profiles where profiles.{{ column }} = {{ keys }}.{{ key }})
        {%- endfor %}
        else false
    end
{%- endmacro %}
