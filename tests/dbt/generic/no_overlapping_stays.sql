{#- Stays that begin before the one before them, of the same profile in the same segment, has ended. -#}
{% test no_overlapping_stays(model) %}
with stays as (
    select
        segment_id,
        profile_id,
        entered_at,
        lag(left_at, 1, '-infinity') over (partition by segment_id, profile_id order by entered_at, left_at) as previous_left_at
    from {{ model }}
)

select *
from stays
where previous_left_at is null or previous_left_at > entered_at
{% endtest %}
