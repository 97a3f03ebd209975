{#-
    Erases those whom the shop no longer has: of their identities the bare number stays, so that nobody else is given it, and of their
    changes nothing, in whichever segment. Their memberships end with everybody else's, among the differences.
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
)
{%- endmacro %}
