-- All alerts, the newest first.
SELECT alert, severity, state, verdict, assignee, suppressed_until, subject, last_event, observation
FROM alerts
ORDER BY last_event DESC
