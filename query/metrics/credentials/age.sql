-- question: How old are the keys and tokens that are in use?
-- sentence: days of age
-- counts: key or token, keys and tokens
-- unit: count
-- band: none
-- shape: histogram
-- statistic: census
-- figures: p50, p90, p95
-- grain: week, month, quarter, total
-- dimensions: source
-- population: SSH keys, deploy keys, access keys, access tokens, applications' secrets and certificates that were used in the bucket, from the day on which an event first showed them to that of their last use in it
-- excludes: the time before rollcall saw a key first, and beyond two years: it is the least that its age can be; a rotated key is another key
-- columns: bucket, grp, figure (value: value is whole days and n how many), value, n
-- version: 1
WITH shown AS (
    SELECT
        source, credential_id,
        bucket('day', time, $time_zone) AS day,
        min(time) AS at_first
    FROM events
    WHERE credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token', 'app', 'certificate')
        AND credential_id IS NOT NULL
        AND time >= $from - INTERVAL '730 days' AND time < $to
    GROUP BY 1, 2, 3
), begun AS (
    SELECT source AS of_source, credential_id AS of_credential, min(day) AS first_day
    FROM shown
    GROUP BY source, credential_id
), used AS (
    SELECT
        bucket($grain, at_first, $time_zone) AS bucket,
        source, credential_id, max(day) AS last_day
    FROM shown
    WHERE at_first >= $from
    GROUP BY 1, 2, 3
), ages AS (
    SELECT
        u.bucket, {group} AS grp,
        CAST(u.last_day AS INTEGER) - CAST(b.first_day AS INTEGER) AS days
    FROM used u
    JOIN begun b ON b.of_source = u.source AND b.of_credential = u.credential_id
    WHERE true {only}
)
SELECT bucket, grp, 'value' AS figure, days AS value, count(*) AS n
FROM ages
GROUP BY bucket, grp, days
