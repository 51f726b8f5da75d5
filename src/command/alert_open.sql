-- Alerts that are open, the most severe first.
SELECT alert, severity, state, assignee, subject, last_event, observation
FROM alerts
WHERE state <> 'closed' AND coalesce(suppressed_until < now(), true)
ORDER BY severity_rank DESC, last_event DESC
