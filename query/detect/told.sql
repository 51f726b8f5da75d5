-- The alerts that the trail has already, as of their last update: they aren't raised again.
SELECT alert, detector, form, subject, severity, updates, events_counted, first_event, last_event
FROM alerts
WHERE last_event >= $from
