-- How many events of the period have which value.
-- parameters: from_us time, to_us time
WITH counted AS (
    SELECT source, activity, outcome, mfa, factor, platform, count(*) AS n
    FROM events
    WHERE time >= $from_us AND time < $to_us
    GROUP BY source, activity, outcome, mfa, factor, platform
)
SELECT 'source' AS facet, source AS value, CAST(sum(n) AS BIGINT) AS n FROM counted GROUP BY source
UNION ALL
SELECT 'activity', activity, CAST(sum(n) AS BIGINT) FROM counted GROUP BY activity
UNION ALL
SELECT 'outcome', outcome, CAST(sum(n) AS BIGINT) FROM counted GROUP BY outcome
UNION ALL
SELECT 'mfa', mfa, CAST(sum(n) AS BIGINT) FROM counted GROUP BY mfa
UNION ALL
SELECT 'factor', factor, CAST(sum(n) AS BIGINT) FROM counted WHERE factor IS NOT NULL GROUP BY factor
UNION ALL
SELECT 'platform', platform, CAST(sum(n) AS BIGINT) FROM counted GROUP BY platform
ORDER BY facet, n DESC, value
