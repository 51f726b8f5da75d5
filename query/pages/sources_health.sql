-- Every source: how much, how late, what was set aside, how long silent. The
-- usual gap is the longest time without an event in the last 14 days before the
-- last event, nights and weekends included. Lag and usual gap are told from what
-- came over a live input: imported files are left out of both, and what happened
-- more than a minute before its collector first delivered (history that it
-- caught up on) is left out of the lag. What was replayed out of quarantine
-- counts as what it has become.
-- parameters:
WITH totals AS (
    SELECT
        source,
        CAST(sum(events) AS BIGINT) AS events,
        CAST(sum(CASE WHEN imported THEN events ELSE 0 END) AS BIGINT) AS imported,
        min(first_received) AS first_received,
        max(last_received) AS last_received,
        max(last_time) AS last_time
    FROM source_activity
    GROUP BY source
), starts AS (
    SELECT source, collector, min(first_received) AS first_received
    FROM source_activity
    WHERE NOT imported
    GROUP BY source, collector
), lags AS (
    SELECT a.source, a.lag_ms, sum(a.events) AS events
    FROM source_activity a
    JOIN starts s ON s.source = a.source AND s.collector = a.collector
    WHERE NOT a.imported AND a.first_time >= s.first_received - INTERVAL '1 minute'
    GROUP BY a.source, a.lag_ms
), ranked AS (
    SELECT
        source, lag_ms,
        sum(events) OVER (PARTITION BY source ORDER BY lag_ms
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS below,
        sum(events) OVER (PARTITION BY source) AS total
    FROM lags
), quantiles AS (
    SELECT
        source,
        min(CASE WHEN below * 100 >= total * 50 THEN lag_ms END) / 1000.0 AS lag_p50_s,
        min(CASE WHEN below * 100 >= total * 95 THEN lag_ms END) / 1000.0 AS lag_p95_s
    FROM ranked
    GROUP BY source
), slots AS (
    SELECT a.source, a.slot, min(a.first_time) AS first_time, max(a.last_time) AS last_time
    FROM source_activity a
    JOIN totals t ON a.source = t.source
    WHERE NOT a.imported AND a.slot >= t.last_time - INTERVAL '14 days'
    GROUP BY a.source, a.slot
), gaps AS (
    SELECT
        source,
        epoch_ms(first_time)
            - epoch_ms(lag(last_time) OVER (PARTITION BY source ORDER BY slot)) AS gap_ms
    FROM slots
), usual AS (
    SELECT source, max(gap_ms) / 1000.0 AS usual_gap_s FROM gaps GROUP BY source
), standing AS (
    SELECT coalesce(source, source_hint) AS source, verdict, received
    FROM set_aside
    WHERE verdict <> 'quarantined'
    UNION ALL
    SELECT coalesce(source, source_hint), 'quarantined', received
    FROM quarantine
), verdicts AS (
    SELECT
        source,
        sum(CASE WHEN verdict = 'duplicate' THEN 1 ELSE 0 END) AS duplicate,
        sum(CASE WHEN verdict = 'joined' THEN 1 ELSE 0 END) AS joined,
        sum(CASE WHEN verdict = 'quarantined' THEN 1 ELSE 0 END) AS quarantined,
        sum(CASE WHEN verdict = 'not_authentication' THEN 1 ELSE 0 END) AS not_authentication,
        min(received) AS first_received,
        max(received) AS last_received
    FROM standing
    GROUP BY source
)
SELECT
    coalesce(t.source, v.source) AS source,
    coalesce(t.events, 0) AS events,
    coalesce(t.imported, 0) AS imported,
    least(t.first_received, v.first_received) AS first_received,
    greatest(t.last_received, v.last_received) AS last_received,
    q.lag_p50_s,
    q.lag_p95_s,
    coalesce(v.duplicate, 0) AS duplicate,
    coalesce(v.joined, 0) AS joined,
    coalesce(v.quarantined, 0) AS quarantined,
    coalesce(v.not_authentication, 0) AS not_authentication,
    CAST((epoch_ms($as_of) - epoch_ms(greatest(t.last_received, v.last_received))) / 1000 AS BIGINT)
        AS silent_s,
    -- What rollcall writes down itself comes when it comes: it is never silent.
    CASE WHEN u.source <> 'rollcall' THEN u.usual_gap_s END AS usual_gap_s
FROM totals t
FULL JOIN verdicts v ON t.source = v.source
LEFT JOIN quantiles q ON q.source = t.source
LEFT JOIN usual u ON u.source = t.source
ORDER BY 1
