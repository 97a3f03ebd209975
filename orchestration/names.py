"""By what names Dagster knows jobs, the op that refreshes and the tags of its runs.

Apart from what they name, which takes seconds to load: Dagster's daemon and webserver read these as well.
"""

REFRESH_JOB = "refresh_job"
REFRESH_DUE_JOB = "refresh_due_job"
REFRESH_ON_CHANGE_JOB = "refresh_on_change_job"
REFRESH_SEGMENTS_JOB = "refresh_segments_job"
REBUILD_JOB = "rebuild_job"
TEST_JOB = "test_job"
FRESHNESS_JOB = "freshness_job"
AUDIT_JOB = "audit_job"
RELEASE_JOB = "release_job"
PRUNE_JOB = "prune_job"
TEST_ALERT_JOB = "test_alert_job"
BY_HAND_JOB = "__ASSET_JOB"
"""What Dagster calls a run of assets that somebody selected by hand."""

REFRESH_JOBS = (
    *(REFRESH_JOB, REFRESH_DUE_JOB, REFRESH_ON_CHANGE_JOB, REFRESH_SEGMENTS_JOB, REBUILD_JOB, RELEASE_JOB),
    BY_HAND_JOB,
)
"""The jobs whose runs publish segments, so that the ledger has what became of them."""
HARMLESS_JOBS = (PRUNE_JOB, TEST_JOB, FRESHNESS_JOB, TEST_ALERT_JOB)
"""Jobs that change no memberships, so that a refresh need not wait for them."""
SILENT_JOBS = (*HARMLESS_JOBS, AUDIT_JOB)
"""Jobs that tell nothing of segments."""

REFRESH_OP = "refresh"
REASON_TAG = "segments/reason"
"""Why a run was asked for."""
MERGED_TAG = "segments/merged_into"
"""The run that does the work of one that was canceled in the queue."""
