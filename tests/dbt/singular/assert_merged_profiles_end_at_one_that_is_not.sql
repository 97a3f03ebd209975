-- Fails if a merged profile points at one that is missing, is merged itself, or is only a visitor.
select
    profiles.profile_id,
    profiles.merged_into_profile_id,
    targets.profile_type,
    targets.merged_into_profile_id as merged_further_into
from {{ ref('profiles') }} as profiles
left join {{ ref('profiles') }} as targets on profiles.merged_into_profile_id = targets.profile_id
where
    profiles.merged_into_profile_id is not null
    and (targets.profile_id is null or targets.merged_into_profile_id is not null or targets.profile_type = 'visitor')
