-- What there is altogether.
-- parameters:
WITH sealed AS (
    SELECT
        sum(events) AS events,
        count(DISTINCT source) AS sources,
        min(first_time) AS first_time,
        max(last_time) AS last_time,
        max(last_received) AS last_received
    FROM source_activity
), all_rows AS (
    SELECT count(*) AS rows FROM events_all
), set_aside_rows AS (
    SELECT count(*) AS rows FROM set_aside
), known AS (
    SELECT count(*) AS people FROM people WHERE kind = 'human'
)
SELECT
    coalesce(s.events, 0) AS events,
    a.rows - coalesce(s.events, 0) AS revised,
    v.rows AS set_aside,
    s.sources,
    k.people,
    s.first_time,
    s.last_time,
    s.last_received
FROM sealed s, all_rows a, set_aside_rows v, known k
