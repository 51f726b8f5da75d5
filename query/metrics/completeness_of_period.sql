-- How late the events of a period came in, what couldn't be read, and how many
-- attempts belong to nobody that the directory knows.
WITH lags AS (
    SELECT lag_ms, sum(events) AS events
    FROM source_activity
    WHERE slot >= $from AND slot < $to
    GROUP BY lag_ms
), ranked AS (
    SELECT
        lag_ms,
        sum(events) OVER (ORDER BY lag_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS below,
        sum(events) OVER () AS total
    FROM lags
), lag AS (
    SELECT min(CASE WHEN below * 100 >= total * 95 THEN lag_ms END) / 1000.0 AS lag_p95_s
    FROM ranked
), unread AS (
    SELECT count(*) AS quarantined
    FROM set_aside
    WHERE verdict = 'quarantined' AND received >= $from AND received < $to
), matched AS (
    SELECT
        sum(CASE WHEN person IS NULL THEN 1 ELSE 0 END) AS unmatched,
        count(*) AS attempts
    FROM attempts
    WHERE started >= $from AND started < $to
)
SELECT l.lag_p95_s, u.quarantined, m.unmatched, m.attempts
FROM lag l, unread u, matched m
