-- question: How many of a thousand attempts fail, and whose doing is it?
-- sentence: failures per 1,000 attempts
-- counts: attempt, attempts
-- k: attempts that ended in failure or denied for the figure's reason
-- n: all attempts
-- unit: rate
-- band: interval95
-- shape: rate
-- statistic: clustered by day
-- per: 1000 attempts
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: attempts; own: the account signed in from that network, address or device in the 30 days before; attack: there is no such account, or on that day 8 or more accounts failed from the address, none of which was ever at home there; unattributed: neither
-- excludes: abandoned prompts and errors of the service
-- columns: bucket, grp, figure (exposure: the attempts of a day; all: its failures; else whose and why, own/bad_password), day, k, exposure
-- version: 1
WITH places AS (
    SELECT
        shard, seq, part, started, source, user_name, outcome, reason,
        coalesce('AS' || CAST(asn AS VARCHAR), ip) AS place
    FROM attempts
    WHERE started >= $from - INTERVAL '30 days' AND started < $to AND user_name IS NOT NULL
    UNION ALL
    SELECT shard, seq, part, started, source, user_name, outcome, reason, device_id
    FROM attempts
    WHERE started >= $from - INTERVAL '30 days' AND started < $to AND user_name IS NOT NULL
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
    WHERE p.started >= $from AND p.outcome IN ('failure', 'denied')
), tried AS (
    SELECT
        a.*,
        bucket('day', a.started, $time_zone) AS day,
        a.outcome IN ('failure', 'denied') AS failed,
        f.of_shard IS NOT NULL AS at_home
    FROM attempts a
    LEFT JOIN familiar f ON f.of_shard = a.shard AND f.of_seq = a.seq AND f.of_part = a.part
    WHERE a.started >= $from AND a.started < $to
), attacked AS (
    SELECT ip AS of_ip, day AS of_day
    FROM tried
    WHERE failed AND NOT at_home AND ip IS NOT NULL
    GROUP BY ip, day
    HAVING count(DISTINCT coalesce(user_name, user_id)) >= 8
), judged AS (
    SELECT
        t.*,
        CASE
            WHEN reason = 'unknown_user' THEN 'attack'
            WHEN at_home THEN 'own'
            WHEN k.of_ip IS NOT NULL THEN 'attack'
            ELSE 'unattributed'
        END || '/' || coalesce(reason, 'unknown') AS whose
    FROM tried t
    LEFT JOIN attacked k ON k.of_ip = t.ip AND k.of_day = t.day
), chosen AS (
    SELECT bucket($grain, started, $time_zone) AS bucket, {group} AS grp, day, failed, whose
    FROM judged
    WHERE true {only}
)
SELECT bucket, grp, 'exposure' AS figure, day, CAST(0 AS BIGINT) AS k, count(*) AS exposure
FROM chosen GROUP BY bucket, grp, day
UNION ALL
SELECT bucket, grp, 'all', day, sum(CASE WHEN failed THEN 1 ELSE 0 END), CAST(0 AS BIGINT)
FROM chosen GROUP BY bucket, grp, day
UNION ALL
SELECT bucket, grp, whose, day, count(*), CAST(0 AS BIGINT)
FROM chosen WHERE failed GROUP BY bucket, grp, whose, day
