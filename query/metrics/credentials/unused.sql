-- question: Which keys and tokens does nobody use any more?
-- sentence: of keys and tokens were not used for 90 days
-- counts: key or token, keys and tokens
-- k: keys and tokens that no event of the last 90 days shows
-- n: keys and tokens that an event of the last year shows
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: week, month, quarter, total
-- dimensions: source
-- population: SSH keys, deploy keys, access keys, access tokens, applications' secrets and certificates that an event of the year up to the bucket's last day shows
-- excludes: those that were never used since they came in, and those that a source doesn't tell apart; a key that was removed counts as unused, since no event says that it is gone
-- columns: bucket, grp, figure (the kind), k, n, unknown
-- version: 1
WITH shown AS (
    SELECT
        source, credential, credential_id,
        bucket('day', time, $time_zone) AS day
    FROM events
    WHERE credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token', 'app', 'certificate')
        AND credential_id IS NOT NULL
        AND time >= $from - INTERVAL '365 days' AND time < $to
    GROUP BY 1, 2, 3, 4
), seen AS (
    SELECT b.bucket, b.last_day, s.source, s.credential, s.credential_id, max(s.day) AS last_used
    FROM buckets b
    JOIN shown s ON s.day <= b.last_day AND s.day > b.last_day - INTERVAL '365 days'
    GROUP BY b.bucket, b.last_day, s.source, s.credential, s.credential_id
)
SELECT
    bucket,
    {group} AS grp,
    credential AS figure,
    sum(CASE WHEN last_used <= last_day - INTERVAL '90 days' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM seen
WHERE true {only}
GROUP BY 1, 2, 3
