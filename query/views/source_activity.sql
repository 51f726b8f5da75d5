-- Events by source and quarter of an hour: how many, how late they came in,
-- when the first and the last of them did. Data health reads it.
-- columns:
-- slot  Start of the quarter of an hour of the events' time.
-- lag_ms  Between the event and its receipt: to the second below a minute, to the minute below an hour, to the hour below a day, else to the day; never below 0.
-- events  Events of that slot with that lag.
SELECT
    source,
    date_trunc('hour', time) + CASE
        WHEN date_part('minute', time) >= 45 THEN INTERVAL '45 minutes'
        WHEN date_part('minute', time) >= 30 THEN INTERVAL '30 minutes'
        WHEN date_part('minute', time) >= 15 THEN INTERVAL '15 minutes'
        ELSE INTERVAL '0 minutes'
    END AS slot,
    CASE
        WHEN received <= time THEN 0
        WHEN received < time + INTERVAL '1 minute'
            THEN epoch_ms(date_trunc('second', received)) - epoch_ms(date_trunc('second', time))
        WHEN received < time + INTERVAL '1 hour'
            THEN epoch_ms(date_trunc('minute', received)) - epoch_ms(date_trunc('minute', time))
        WHEN received < time + INTERVAL '1 day'
            THEN epoch_ms(date_trunc('hour', received)) - epoch_ms(date_trunc('hour', time))
        ELSE epoch_ms(date_trunc('day', received)) - epoch_ms(date_trunc('day', time))
    END AS lag_ms,
    count(*) AS events,
    min(time) AS first_time,
    max(time) AS last_time,
    min(received) AS first_received,
    max(received) AS last_received
FROM events
GROUP BY 1, 2, 3
