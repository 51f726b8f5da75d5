-- Each collector of each source that sent something over a live input, also where all
-- of it was set aside: how late its events are, and whether it is quieter than it usually
-- is. Lag is told of what it received in the period, without history that it caught up on
-- when it began. Silence is told as of now, against its own weeks: in how many of the last eight, of those that it was there
-- for, did something of it come in during the same stretch of the week (from its last
-- sign of life until now, at most a whole week)? It is quieter than usual where something
-- did in each of at least four, and it has been silent for a quarter of an hour and for
-- three times its usual gap at this hour. It has stopped where it is silent for longer
-- than it was ever active, and for a day; one with fewer than four weeks to tell by, also
-- where it is silent for a week. Weeks are of 168 hours: for some weeks after the
-- clocks change, the edge of a working day is an hour off. What begins with all_ is told
-- of all collectors.
-- parameters: from_us time, to_us time, limit bigint
WITH live AS (
    SELECT source, collector, received_slot, lag_ms, events, first_time, last_time, first_received, last_received
    FROM source_activity
    -- What rollcall writes down itself comes when it comes: it is never silent.
    WHERE NOT imported AND source <> 'rollcall'
), begun AS (
    SELECT
        source, collector,
        min(first_received) AS first_received,
        max(last_time) AS last_time
    FROM live
    GROUP BY source, collector
), aside AS (
    -- A duplicate is a sign of life too.
    SELECT
        coalesce(s.source, s.source_hint, 'unknown') AS source, s.collector,
        epoch_ms(s.received) / 3600000 AS hour,
        min(s.received) AS first_received,
        max(s.received) AS last_received
    FROM set_aside s
    LEFT JOIN (SELECT DISTINCT shard FROM shards WHERE kind = 'import') i ON i.shard = s.shard
    WHERE i.shard IS NULL AND coalesce(s.source, s.source_hint, 'unknown') <> 'rollcall'
    GROUP BY 1, 2, 3
), signs AS (
    SELECT source, collector, first_received, last_received FROM live
    UNION ALL
    SELECT source, collector, first_received, last_received FROM aside
), seen AS (
    SELECT
        source, collector,
        min(first_received) AS first_received,
        max(last_received) AS last_received
    FROM signs
    GROUP BY source, collector
), silence AS (
    SELECT
        *,
        greatest(epoch_ms($as_of) - epoch_ms(last_received), 0) AS silent_ms,
        greatest(epoch_ms($as_of) - epoch_ms(first_received), 0) AS age_ms,
        epoch_ms(last_received) - epoch_ms(first_received) AS active_ms
    FROM seen
), stretch AS (
    SELECT
        *,
        least(silent_ms, 604800000) AS length_ms,
        greatest((silent_ms + 604799999) / 604800000, 1) AS first_week
    FROM silence
), weighed AS (
    SELECT
        *,
        CASE
            WHEN age_ms < length_ms THEN 0
            ELSE greatest(least((age_ms - length_ms) / 604800000, first_week + 7) - first_week + 1, 0)
        END AS weeks
    FROM stretch
), moments AS (
    SELECT source, collector, first_received AS moment FROM signs
    UNION ALL
    SELECT source, collector, last_received FROM signs
), placed AS (
    SELECT
        source, collector,
        (epoch_ms($as_of) - epoch_ms(moment)) / 604800000 AS week,
        (epoch_ms($as_of) - epoch_ms(moment)) % 604800000 AS back_ms
    FROM moments
    WHERE moment <= $as_of
), talked AS (
    SELECT w.source, w.collector, count(DISTINCT p.week) AS weeks_heard
    FROM weighed w
    JOIN placed p ON p.source = w.source AND p.collector = w.collector
    WHERE p.back_ms < w.length_ms AND p.week >= w.first_week AND p.week < w.first_week + w.weeks
    GROUP BY w.source, w.collector
), hours AS (
    SELECT
        l.source, l.collector, l.events,
        (epoch_ms($as_of) / 3600000 - epoch_ms(l.received_slot) / 3600000) AS hours_ago
    FROM live l
), this_hour AS (
    SELECT source, collector, CAST(sum(events) AS BIGINT) AS events
    FROM hours
    WHERE hours_ago % 168 = 0 AND hours_ago >= 168 AND hours_ago <= 1344
    GROUP BY source, collector
), usual AS (
    SELECT
        b.source, b.collector,
        least((epoch_ms($as_of) / 3600000 - epoch_ms(b.first_received) / 3600000 - 1) / 168, 8) * 3600
            / CAST(h.events AS DOUBLE) AS usual_s
    FROM begun b
    JOIN this_hour h ON h.source = b.source AND h.collector = b.collector
), lags AS (
    SELECT l.source, l.collector, l.lag_ms, sum(l.events) AS events
    FROM live l
    JOIN begun b ON b.source = l.source AND b.collector = l.collector
    WHERE l.received_slot >= $from_us
        AND l.received_slot < $to_us
        AND l.first_time >= b.first_received - INTERVAL '1 minute'
    GROUP BY l.source, l.collector, l.lag_ms
), ranked AS (
    SELECT
        source, collector, lag_ms,
        sum(events) OVER (PARTITION BY source, collector ORDER BY lag_ms
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS below,
        sum(events) OVER (PARTITION BY source, collector) AS total
    FROM lags
), quantiles AS (
    SELECT
        source, collector,
        CAST(max(total) AS BIGINT) AS timed,
        min(CASE WHEN below * 100 >= total * 50 THEN lag_ms END) / 1000.0 AS lag_p50_s,
        min(CASE WHEN below * 100 >= total * 95 THEN lag_ms END) / 1000.0 AS lag_p95_s,
        min(CASE WHEN below * 100 >= total * 99 THEN lag_ms END) / 1000.0 AS lag_p99_s
    FROM ranked
    GROUP BY source, collector
), told AS (
    SELECT
        w.source, w.collector,
        w.silent_ms / 1000 AS silent_s,
        w.silent_ms > w.active_ms AS outlasted,
        CASE WHEN u.usual_s > 0 THEN u.usual_s END AS usual_s,
        coalesce(t.weeks_heard, 0) AS weeks_heard,
        w.weeks,
        b.last_time, w.last_received,
        coalesce(q.timed, 0) AS timed,
        q.lag_p50_s, q.lag_p95_s, q.lag_p99_s
    FROM weighed w
    LEFT JOIN begun b ON b.source = w.source AND b.collector = w.collector
    LEFT JOIN talked t ON t.source = w.source AND t.collector = w.collector
    LEFT JOIN usual u ON u.source = w.source AND u.collector = w.collector
    LEFT JOIN quantiles q ON q.source = w.source AND q.collector = w.collector
), judged AS (
    SELECT
        *,
        CASE
            WHEN silent_s < 900 THEN 'talking'
            WHEN weeks >= 4 AND weeks_heard = weeks AND silent_s > 3 * coalesce(usual_s, 0)
                THEN 'quieter_than_usual'
            WHEN outlasted AND silent_s >= 86400 THEN 'stopped'
            WHEN weeks < 4 AND silent_s >= 604800 THEN 'stopped'
            WHEN weeks < 4 THEN 'learning'
            ELSE 'as_usual'
        END AS rhythm
    FROM told
)
SELECT
    source, collector, rhythm, silent_s, usual_s, weeks_heard, weeks, last_received, last_time,
    timed, lag_p50_s, lag_p95_s, lag_p99_s,
    count(*) OVER () AS all_rows,
    sum(CASE WHEN rhythm = 'quieter_than_usual' THEN 1 ELSE 0 END) OVER () AS all_quieter,
    sum(CASE WHEN rhythm = 'learning' THEN 1 ELSE 0 END) OVER () AS all_learning,
    sum(CASE WHEN rhythm = 'stopped' THEN 1 ELSE 0 END) OVER () AS all_stopped
FROM judged
ORDER BY
    CASE rhythm
        WHEN 'quieter_than_usual' THEN 1
        WHEN 'stopped' THEN 2
        WHEN 'learning' THEN 3
        ELSE 4
    END,
    silent_s DESC, source, collector
LIMIT $limit
