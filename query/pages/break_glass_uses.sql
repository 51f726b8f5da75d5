-- Each way past the usual second factor in the period, newest first: successful
-- sign-ins of break-glass accounts, those with a recovery or bypass code or past the
-- second factor by an administrator's bypass, and resets of an account's factors; as
-- in metrics/break_glass/uses.sql. A ticket is shown where the source names one.
-- What begins with all_ is told of all of them, also beyond the limit.
-- parameters: from_us time, to_us time, limit bigint
WITH uses AS (
    SELECT
        started AS time,
        CASE
            WHEN account_kind = 'break_glass' THEN 'break_glass_account'
            WHEN factor = 'recovery_code' THEN 'recovery_code'
            ELSE 'bypass'
        END AS kind,
        source, service, user_name, person, ip, country, shard, seq, part
    FROM attempts
    WHERE started >= $from_us AND started < $to_us AND outcome = 'success'
        AND (account_kind = 'break_glass' OR factor IN ('recovery_code', 'bypass_code')
            OR mfa = 'bypassed')
    UNION ALL
    SELECT
        e.time, 'factor_reset', e.source, e.service, e.user_name, a.person, e.ip, e.country,
        e.shard, e.seq, e.part
    FROM events e
    LEFT JOIN accounts a
        ON a.source = e.source AND a.login = e.user_name
        AND (a.valid_from IS NULL OR e.time >= a.valid_from)
        AND (a.valid_to IS NULL OR e.time < a.valid_to)
    WHERE e.activity = 'factor_reset' AND e.outcome = 'success'
        AND e.time >= $from_us AND e.time < $to_us
), said AS (
    SELECT shard AS of_shard, seq AS of_seq, part AS of_part, actor, ticket
    FROM events
    WHERE (actor IS NOT NULL OR ticket IS NOT NULL) AND time >= $from_us AND time < $to_us
)
SELECT
    time, kind, source, service, user_name, person, actor, ticket, ip, country,
    shard, seq, part,
    count(*) OVER () AS all_rows,
    CAST(sum(CASE WHEN ticket IS NOT NULL THEN 1 ELSE 0 END) OVER () AS BIGINT) AS all_ticketed
FROM uses
LEFT JOIN said ON of_shard = shard AND of_seq = seq AND of_part = part
ORDER BY time DESC, shard DESC, seq DESC, part DESC
LIMIT $limit
