-- How many events of the period have which value.
-- parameters: from_us time, to_us time
WITH counted AS (
    SELECT source, activity, outcome, mfa, factor, platform, count(*) AS n
    FROM events
    WHERE time >= $from_us AND time < $to_us
    GROUP BY source, activity, outcome, mfa, factor, platform
), faceted AS (
    SELECT
        f.facet,
        CASE f.facet
            WHEN 'source' THEN c.source
            WHEN 'activity' THEN c.activity
            WHEN 'outcome' THEN c.outcome
            WHEN 'mfa' THEN c.mfa
            WHEN 'factor' THEN c.factor
            ELSE c.platform
        END AS value,
        CAST(sum(c.n) AS BIGINT) AS n
    FROM counted c
    CROSS JOIN (VALUES ('source'), ('activity'), ('outcome'), ('mfa'), ('factor'), ('platform'))
        AS f(facet)
    GROUP BY 1, 2
)
SELECT facet, value, n
FROM faceted
WHERE value IS NOT NULL
ORDER BY facet, n DESC, value
