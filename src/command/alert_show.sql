-- One alert.
SELECT
    alert, detector, form, severity, about, subject, state, verdict, assignee, suppressed_until,
    observation, baseline, next_step, first_event, last_event, raised, raised_by, updates,
    events_counted, evidence, more_evidence
FROM alerts
WHERE alert = ':key'
