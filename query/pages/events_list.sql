-- Events, newest first, a page at a time: the next page begins behind the
-- position that the last one ended with.
-- parameters: from_us time, to_us time, source text?, outcome text?, activity text?, user text?, ip text?, before_time_us time?, before_shard int?, before_seq bigint?, before_part int?, limit bigint
WITH newest AS (
    SELECT
        time, received, source, activity, outcome, reason, user_name, platform, service, mfa,
        factor, ip, country, operation, shard, seq, part
    FROM events
    WHERE time >= $from_us
        AND time < $to_us
        AND ($source IS NULL OR source = $source)
        AND ($outcome IS NULL OR outcome = $outcome)
        AND ($activity IS NULL OR activity = $activity)
        AND ($user IS NULL OR user_name = $user)
        AND ($ip IS NULL OR ip = $ip)
        AND ($before_time_us IS NULL OR time <= $before_time_us)
        AND ($before_time_us IS NULL
            OR time < $before_time_us
            OR shard < $before_shard
            OR (shard = $before_shard AND seq < $before_seq)
            OR (shard = $before_shard AND seq = $before_seq AND part < $before_part))
    ORDER BY time DESC, shard DESC, seq DESC, part DESC
    LIMIT $limit
), named AS (
    SELECT
        n.*,
        l.person,
        row_number() OVER (
            PARTITION BY n.shard, n.seq, n.part
            ORDER BY
                CASE WHEN l.source = n.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END,
                l.valid_from DESC NULLS LAST, l.source, l.person
        ) AS choice
    FROM newest n
    LEFT JOIN logins l
        ON l.login = n.user_name
        AND (l.source = n.source OR l.source = '*' OR strpos(l.login, '@') > 0)
        AND (l.valid_from IS NULL OR n.time >= l.valid_from)
        AND (l.valid_to IS NULL OR n.time < l.valid_to)
)
SELECT
    time, received, source, activity, outcome, reason, user_name, person, platform, service, mfa,
    factor, ip, country, operation, shard, seq, part
FROM named
WHERE choice = 1
ORDER BY time DESC, shard DESC, seq DESC, part DESC
