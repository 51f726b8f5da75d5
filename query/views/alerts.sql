-- What detectors raised, one row per alert as its last update has it, and what came of it.
-- An alert is one incident. Updates and what people did are events of the source rollcall.
-- columns:
-- alert  Its key: the detector, its form, and the first event that proves it.
-- detector, form  What raised it (docs/detectors.md).
-- severity  low, medium, high or critical; severity_rank is 0 to 3.
-- about, subject  What it is about: a person, account, address, source, session, factor or policy.
-- state  new, acknowledged (or assigned) or closed; one that got more severe after it was closed is new.
-- verdict  How it was closed: true, false or benign.
-- assignee  To whom it was given last.
-- suppressed_until  Until when its detector is not to be looked at about its subject.
-- raised  When rollcall raised it.
-- raised_by  Time of the event that completed it.
-- first_event, last_event  Times of the first event that proves it and of the one behind the last update.
-- updates  Number of the last update.
-- events_counted  How much was counted; the observation says what.
-- observation, baseline, next_step  What was found, what it was compared with, what to do.
-- evidence  Events that prove it, as a JSON list of shard-seq-part, oldest first; more_evidence counts others.
-- notes  Notes that people wrote.
-- shard, seq, part  Position of the last update.
WITH said AS (
    SELECT
        shard, seq, part, time, received, flow_id AS alert, resource, reason_raw,
        raw_text(raw) AS record
    FROM events
    WHERE source = 'rollcall' AND operation = 'alert'
), told AS (
    SELECT
        *,
        CAST(json_text(record, 'update') AS BIGINT) AS number,
        CAST(json_text(record, 'severity_rank') AS BIGINT) AS severity_rank,
        json_text(record, 'detector') AS detector
    FROM said
), ordered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY alert ORDER BY number DESC, received DESC) AS age,
        min(received) OVER (PARTITION BY alert) AS raised,
        min(time) OVER (PARTITION BY alert) AS raised_by
    FROM told
), newest AS (
    SELECT * FROM ordered WHERE age = 1
), steps AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY alert, action ORDER BY done DESC, seq DESC) AS age
    FROM triage
), closed AS (
    SELECT alert, verdict, done FROM steps WHERE action = 'close' AND age = 1
), since AS (
    -- How severe it was up to its end, and how severe it got afterwards.
    SELECT
        t.alert,
        max(CASE WHEN t.received <= c.done THEN t.severity_rank END) AS until_then,
        max(CASE WHEN t.received > c.done THEN t.severity_rank END) AS afterwards
    FROM told t
    JOIN closed c ON c.alert = t.alert
    GROUP BY t.alert
), handled AS (
    SELECT
        alert,
        max(CASE WHEN action IN ('acknowledge', 'assign') THEN 1 ELSE 0 END) AS is_looked_at,
        max(CASE WHEN action = 'assign' AND age = 1 THEN assignee END) AS assignee,
        sum(CASE WHEN note IS NOT NULL THEN 1 ELSE 0 END) AS notes
    FROM steps
    GROUP BY alert
), suppressed AS (
    SELECT n.detector, n.resource, max(s.until) AS until
    FROM steps s
    JOIN newest n ON n.alert = s.alert
    WHERE s.action = 'suppress' AND s.age = 1
    GROUP BY n.detector, n.resource
)
SELECT
    n.alert,
    n.detector,
    json_text(n.record, 'form') AS form,
    json_text(n.record, 'severity') AS severity,
    n.severity_rank,
    json_text(n.record, 'about') AS about,
    n.resource AS subject,
    CASE
        WHEN c.alert IS NOT NULL AND NOT coalesce(i.afterwards > i.until_then, false) THEN 'closed'
        WHEN c.alert IS NULL AND h.is_looked_at = 1 THEN 'acknowledged'
        ELSE 'new'
    END AS state,
    CASE WHEN NOT coalesce(i.afterwards > i.until_then, false) THEN c.verdict END AS verdict,
    h.assignee,
    s.until AS suppressed_until,
    n.raised,
    n.raised_by,
    CAST(json_text(n.record, 'first') AS TIMESTAMP) AS first_event,
    n.time AS last_event,
    n.number AS updates,
    CAST(json_text(n.record, 'count') AS BIGINT) AS events_counted,
    n.reason_raw AS observation,
    json_text(n.record, 'baseline') AS baseline,
    json_text(n.record, 'next_step') AS next_step,
    json_text(n.record, 'evidence') AS evidence,
    CAST(json_text(n.record, 'more_evidence') AS BIGINT) AS more_evidence,
    CAST(coalesce(h.notes, 0) AS BIGINT) AS notes,
    n.shard, n.seq, n.part
FROM newest n
LEFT JOIN closed c ON c.alert = n.alert
LEFT JOIN since i ON i.alert = n.alert
LEFT JOIN handled h ON h.alert = n.alert
LEFT JOIN suppressed s ON s.detector = n.detector AND s.resource = n.resource
