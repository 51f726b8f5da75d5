-- How late the events of a period came in, what couldn't be read, and how many
-- attempts belong to nobody that the directory knows. Only what came over a live
-- input can be late: imported files are left out, and so is what happened more
-- than a minute before its collector first delivered anything (history that
-- it caught up on).
WITH starts AS (
    SELECT source, collector, min(first_received) AS first_received
    FROM source_activity
    WHERE NOT imported
    GROUP BY source, collector
), period AS (
    SELECT
        a.lag_ms,
        a.events,
        coalesce(a.first_time >= s.first_received - INTERVAL '1 minute', false) AS live
    FROM source_activity a
    LEFT JOIN starts s
        ON s.source = a.source AND s.collector = a.collector AND NOT a.imported
    WHERE a.slot >= $from AND a.slot < $to
), lags AS (
    SELECT lag_ms, sum(events) AS events FROM period WHERE live GROUP BY lag_ms
), ranked AS (
    SELECT
        lag_ms,
        sum(events) OVER (ORDER BY lag_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS below,
        sum(events) OVER () AS total
    FROM lags
), lag AS (
    SELECT min(CASE WHEN below * 100 >= total * 95 THEN lag_ms END) / 1000.0 AS lag_p95_s
    FROM ranked
), counted AS (
    SELECT sum(CASE WHEN live THEN events ELSE 0 END) AS live, sum(events) AS events FROM period
), unread AS (
    SELECT count(*) AS quarantined
    FROM quarantine
    WHERE received >= $from AND received < $to
), matched AS (
    SELECT
        sum(CASE WHEN person IS NULL THEN 1 ELSE 0 END) AS unmatched,
        count(*) AS attempts
    FROM attempts
    WHERE started >= $from AND started < $to
)
SELECT l.lag_p95_s, c.live, c.events, u.quarantined, m.unmatched, m.attempts
FROM lag l, counted c, unread u, matched m
