-- question: How long does a factor reset keep people out?
-- sentence: factor resets
-- counts: factor reset, factor resets
-- k: the account signed in with a second factor again
-- unit: milliseconds
-- band: interval95
-- shape: spells
-- statistic: kaplan-meier
-- figures: p50, p75, p90, mean_8h
-- grain: week, month, quarter, total
-- dimensions: source
-- population: resets of an account's factors that succeeded, until its next sign-in with a second factor at that source
-- excludes: a reset that another one of the account followed before that; what lasts longer than 7 days counts as still open then
-- columns: bucket, grp, figure (empty), length (milliseconds), fate (event: working again; open), n
-- version: 1
WITH resets AS (
    SELECT source, user_name, time AS happened, 'reset' AS what, shard, seq, part
    FROM events
    WHERE activity = 'factor_reset' AND outcome = 'success' AND user_name IS NOT NULL
        AND time >= $from AND time < $to
), steps AS (
    SELECT * FROM resets
    UNION ALL
    SELECT source, user_name, ended, 'working', shard, seq, part
    FROM attempts
    WHERE outcome = 'success' AND mfa = 'performed' AND user_name IS NOT NULL
        AND started >= $from AND started < $to + INTERVAL '7 days' AND started <= $as_of
), ordered AS (
    SELECT
        source, happened, what,
        lead(what) OVER (PARTITION BY source, user_name ORDER BY happened, shard, seq, part) AS next_what,
        lead(happened) OVER (PARTITION BY source, user_name ORDER BY happened, shard, seq, part) AS next_at
    FROM steps
), spells AS (
    SELECT
        bucket($grain, happened, $time_zone) AS bucket,
        {group} AS grp,
        epoch_ms(next_at) - epoch_ms(happened) AS closed_ms,
        epoch_ms($as_of) - epoch_ms(happened) AS watched_ms
    FROM ordered
    WHERE what = 'reset' AND coalesce(next_what, 'working') = 'working' {only}
), told AS (
    SELECT
        bucket, grp,
        greatest(least(coalesce(closed_ms, watched_ms), 604800000), 0) AS length,
        CASE WHEN closed_ms <= 604800000 THEN 'event' ELSE 'open' END AS fate
    FROM spells
)
SELECT bucket, grp, '' AS figure, length, fate, count(*) AS n
FROM told
GROUP BY bucket, grp, length, fate
