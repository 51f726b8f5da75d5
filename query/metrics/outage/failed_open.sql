-- question: What failed open while a service didn't work?
-- sentence: of sign-ins in hours of an outage got in without a second factor
-- counts: sign-in, sign-ins
-- k: sign-ins of people who had used a second factor there in the 30 days before, and now got in without one
-- n: successful sign-ins of such people in hours of an outage
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: successful interactive sign-ins of human accounts, in hours in which 5 or more attempts at that source, and a tenth of all, ended in an error of the service, of accounts that had used a second factor at that source in the 30 days before the hour
-- excludes: outages in which the source told nothing; remembered devices and what a token claims count as with a second factor
-- columns: bucket, grp, figure (empty), k, n, unknown (nothing is said of a second factor)
-- version: 1
WITH tried AS (
    SELECT *, date_trunc('hour', started) AS hour
    FROM attempts
    WHERE started >= $from - INTERVAL '30 days' AND started < $to
), outages AS (
    SELECT source AS of_source, hour AS of_hour
    FROM tried
    WHERE started >= $from
    GROUP BY source, hour
    HAVING sum(CASE WHEN outcome = 'error' OR reason = 'service_error' THEN 1 ELSE 0 END) >= 5
        AND 10 * sum(CASE WHEN outcome = 'error' OR reason = 'service_error' THEN 1 ELSE 0 END)
            >= count(*)
), used AS (
    SELECT
        t.source AS used_source, t.user_name AS used_account, o.of_hour AS used_hour
    FROM tried t
    JOIN outages o
        ON o.of_source = t.source
        AND t.started < o.of_hour AND t.started >= o.of_hour - INTERVAL '30 days'
    WHERE t.outcome = 'success' AND t.mfa = 'performed' AND t.user_name IS NOT NULL
    GROUP BY 1, 2, 3
)
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN mfa IN ('none', 'not_required', 'bypassed') THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN mfa IN ('unknown', 'abandoned') THEN 1 ELSE 0 END) AS unknown
FROM tried
JOIN used ON used_source = source AND used_account = user_name AND used_hour = hour
WHERE started >= $from
    AND outcome = 'success'
    AND account_kind = 'human'
    AND coalesce(interactive, true)
    {only}
GROUP BY 1, 2
