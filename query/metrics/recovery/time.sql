-- question: How long does it take to get in again?
-- sentence: episodes
-- counts: episode, episodes
-- k: the account got in again
-- unit: milliseconds
-- band: interval95
-- shape: spells
-- statistic: kaplan-meier
-- figures: p50, p75, p90, mean_8h
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: episodes of human accounts that lasted longer than 2 minutes: one opens at a failed or denied attempt from a network, address or device from which the account signed in during the 30 days before, where none is open, and closes at the account's next success at that source; by what its first failure says
-- excludes: slips (in again within 2 minutes: see recovery/slips), failures from where the account was never at home (attacks among them), episodes that are younger than 2 minutes; what lasts longer than 7 days counts as still open then. Marked drills and outages are not known here
-- columns: bucket, grp, figure (empty), length (milliseconds), fate (event: in again; open), n
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
), told AS (
    SELECT
        bucket, grp,
        least(coalesce(closed_ms, watched_ms), watched_ms, 604800000) AS length,
        CASE WHEN closed_ms <= 604800000 THEN 'event' ELSE 'open' END AS fate
    FROM episodes
)
SELECT bucket, grp, '' AS figure, length, fate, count(*) AS n
FROM told
WHERE length > 120000
GROUP BY bucket, grp, length, fate
