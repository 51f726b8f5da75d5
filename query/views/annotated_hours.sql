-- The marked times by the UTC hours that they touch, one row an hour, so that what lies
-- in them is found by equal keys and can be left out of a figure:
--     LEFT JOIN annotated_hours h
--         ON h.hour_ms = epoch_ms(started) - epoch_ms(started) % 3600000
--         AND started >= h.begins AND started < h.ends
--         AND (h.source IS NULL OR h.source = attempts.source)
--     WHERE h.kind IS NULL
-- A time that goes on for more than 416 days is cut there; moments aren't here.
-- columns:
-- hour_ms  Start of the hour, in milliseconds since 1970 UTC.
-- begins, ends  From when until when the whole is marked, exclusively.
-- source, service  What it is about; null: everything.
WITH digits(digit) AS (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
), numbers AS (
    SELECT CAST(1000 * a.digit + 100 * b.digit + 10 * c.digit + d.digit AS BIGINT) AS number
    FROM digits a
    CROSS JOIN digits b
    CROSS JOIN digits c
    CROSS JOIN digits d
), spans AS (
    SELECT
        kind, title, begins, ends, source, service,
        epoch_ms(begins) - epoch_ms(begins) % 3600000 AS first_ms,
        epoch_ms(ends) AS end_ms
    FROM annotations
    WHERE ends IS NOT NULL
)
SELECT
    s.kind, s.title, s.begins, s.ends, s.source, s.service,
    s.first_ms + n.number * 3600000 AS hour_ms
FROM spans s
CROSS JOIN numbers n
WHERE s.first_ms + n.number * 3600000 < s.end_ms
