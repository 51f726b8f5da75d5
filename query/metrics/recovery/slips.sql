-- question: How many failures are only slips?
-- counts: episode, episodes
-- sentence: of episodes were over within two minutes
-- k: episodes that were over within 2 minutes
-- n: all episodes
-- k attributed: failed and denied attempts from where the account was at home in the 30 days before
-- n attributed: all failed and denied attempts of human accounts
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: episodes of human accounts: one opens at a failed or denied attempt from a network, address or device from which the account signed in during the 30 days before, where none is open, and closes at the account's next success at that source; for attributed, failed and denied attempts of human accounts
-- excludes: failures of accounts that no person is known for; marked drills and outages are not known here
-- columns: bucket, grp, figure (empty: slips among episodes; attributed: failures that open or prolong episodes, among all), k, n, unknown (open, and younger than 2 minutes)
-- version: 1
WITH tried AS (
    SELECT *, coalesce('AS' || CAST(asn AS VARCHAR), ip) AS home
    FROM attempts
    WHERE started >= $from - INTERVAL '37 days' AND started < $to + INTERVAL '7 days'
        AND started <= $as_of
        AND account_kind = 'human'
        AND user_name IS NOT NULL
        AND outcome IN ('success', 'failure', 'denied')
), places AS (
    SELECT shard, seq, part, started, source, user_name, outcome, home AS place FROM tried
    UNION ALL
    SELECT shard, seq, part, started, source, user_name, outcome, device_id FROM tried
), used AS (
    SELECT
        source AS of_source, user_name AS of_account, place AS of_place,
        min(started) AS first_used, max(started) AS last_used
    FROM places
    WHERE outcome = 'success' AND place IS NOT NULL
    GROUP BY source, user_name, place, date_trunc('day', started)
), familiar AS (
    SELECT DISTINCT p.shard AS of_shard, p.seq AS of_seq, p.part AS of_part
    FROM places p
    JOIN used u
        ON u.of_source = p.source AND u.of_account = p.user_name AND u.of_place = p.place
        AND u.first_used < p.started AND u.last_used >= p.started - INTERVAL '30 days'
    WHERE p.started >= $from - INTERVAL '7 days' AND p.outcome <> 'success'
), steps AS (
    -- Successes, and failures that the account's person can be behind.
    SELECT t.*
    FROM tried t
    LEFT JOIN familiar f ON f.of_shard = t.shard AND f.of_seq = t.seq AND f.of_part = t.part
    WHERE t.started >= $from - INTERVAL '7 days' AND (t.outcome = 'success' OR f.of_shard IS NOT NULL)
), ordered AS (
    SELECT
        *,
        lag(outcome) OVER (PARTITION BY source, user_name ORDER BY started, shard, seq, part)
            AS outcome_before,
        min(CASE WHEN outcome = 'success' THEN ended END) OVER (
            PARTITION BY source, user_name ORDER BY started, shard, seq, part
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS closed
    FROM steps
), episodes AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        epoch_ms(closed) - epoch_ms(started) AS closed_ms,
        epoch_ms($as_of) - epoch_ms(started) AS watched_ms
    FROM ordered
    WHERE outcome <> 'success' AND coalesce(outcome_before, 'success') = 'success'
        AND started >= $from AND started < $to
        {only}
), failures AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        f.of_shard IS NOT NULL AS attributed
    FROM tried
    LEFT JOIN familiar f ON f.of_shard = shard AND f.of_seq = seq AND f.of_part = part
    WHERE outcome <> 'success' AND started >= $from AND started < $to {only}
)
SELECT
    bucket, grp, '' AS figure,
    sum(CASE WHEN closed_ms <= 120000 THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN closed_ms IS NULL AND watched_ms <= 120000 THEN 1 ELSE 0 END) AS unknown
FROM episodes
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'attributed',
    sum(CASE WHEN attributed THEN 1 ELSE 0 END), count(*), CAST(0 AS BIGINT)
FROM failures
GROUP BY bucket, grp
