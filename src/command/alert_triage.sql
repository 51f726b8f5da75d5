-- What was done about one alert.
SELECT done, who, action, assignee, verdict, until, note
FROM triage
WHERE alert = ':key'
ORDER BY done
