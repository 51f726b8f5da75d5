-- Events by source, collector and quarter of an hour: how many, how late they
-- came in, when the first and the last of them did. Data health reads it.
-- columns:
-- imported  Whether they came from an imported file; else over a live input.
-- slot  Start of the quarter of an hour of the events' time.
-- received_slot  Start of the quarter of an hour in which they came in.
-- lag_ms  Between the event and its receipt: to the second below a minute, to the minute below an hour, to the hour below a day, else to the day; never below 0.
-- events  Events of that slot with that lag.
-- over_15_minutes  Of them those that came in over 15 minutes after they happened, to the millisecond.
WITH imports AS (
    SELECT DISTINCT shard FROM shards WHERE kind = 'import'
), told AS (
    -- Plain numbers: dates are only made of the few rows that remain.
    SELECT
        e.source, e.collector, i.shard IS NOT NULL AS imported, e.time, e.received,
        epoch_ms(e.time) AS at_ms,
        greatest(epoch_ms(e.received), epoch_ms(e.time)) AS in_ms
    FROM events e
    LEFT JOIN imports i ON e.shard = i.shard
), units AS (
    SELECT
        *,
        CASE
            WHEN in_ms - at_ms < 60000 THEN 1000
            WHEN in_ms - at_ms < 3600000 THEN 60000
            WHEN in_ms - at_ms < 86400000 THEN 3600000
            ELSE 86400000
        END AS unit_ms
    FROM told
), grouped AS (
    SELECT
        source, collector, imported,
        at_ms - at_ms % 900000 AS slot_ms,
        epoch_ms(received) - epoch_ms(received) % 900000 AS received_slot_ms,
        (in_ms - in_ms % unit_ms) - (at_ms - at_ms % unit_ms) AS lag_ms,
        count(*) AS events,
        CAST(sum(CASE WHEN in_ms - at_ms > 900000 THEN 1 ELSE 0 END) AS BIGINT) AS over_15_minutes,
        min(time) AS first_time,
        max(time) AS last_time,
        min(received) AS first_received,
        max(received) AS last_received
    FROM units
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
    source, collector, imported,
    date_trunc('hour', first_time) + CASE slot_ms % 3600000
        WHEN 2700000 THEN INTERVAL '45 minutes'
        WHEN 1800000 THEN INTERVAL '30 minutes'
        WHEN 900000 THEN INTERVAL '15 minutes'
        ELSE INTERVAL '0 minutes'
    END AS slot,
    date_trunc('hour', first_received) + CASE received_slot_ms % 3600000
        WHEN 2700000 THEN INTERVAL '45 minutes'
        WHEN 1800000 THEN INTERVAL '30 minutes'
        WHEN 900000 THEN INTERVAL '15 minutes'
        ELSE INTERVAL '0 minutes'
    END AS received_slot,
    lag_ms, events, over_15_minutes, first_time, last_time, first_received, last_received
FROM grouped
