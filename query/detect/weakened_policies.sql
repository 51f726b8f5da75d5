-- Policies that ask for less than in the snapshot before: switched off, set to only report, or
-- removed. Detectors ask for it when there is a newer snapshot.
SELECT taken_after, source, account, kind, policy_id, name, change, state_after
FROM vendor_policy_changes
WHERE taken_after > $since
    AND state_before = 'enabled'
    AND (change = 'removed' OR state_after IN ('report_only', 'disabled'))
ORDER BY taken_after, source, policy_id
