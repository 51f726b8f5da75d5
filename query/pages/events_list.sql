-- Events, newest first, a page at a time: the next page begins behind the
-- position that the last one ended with.
-- parameters: from_us time, to_us time, source text?, outcome text?, activity text?, user text?, ip text?, before_time_us time?, before_shard int?, before_seq bigint?, before_part int?, limit bigint
WITH newest AS (
    SELECT
        time, received, source, activity, outcome, reason, user_name, platform, service, mfa,
        factor, ip, country, region, city, lat_e6, lon_e6, asn, as_org, operation, shard, seq, part
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
), placed AS (
    -- As in the view event_places: a source's own place stands.
    SELECT
        *,
        country IS NOT NULL OR region IS NOT NULL OR city IS NOT NULL OR lat_e6 IS NOT NULL
            OR lon_e6 IS NOT NULL AS by_vendor,
        asn IS NOT NULL OR as_org IS NOT NULL AS as_by_vendor,
        place(ip) AS found
    FROM named
    WHERE choice = 1
)
SELECT
    time, received, source, activity, outcome, reason, user_name, person, platform, service, mfa,
    factor, ip,
    CASE WHEN by_vendor THEN country ELSE found['country'] END AS country,
    operation, shard, seq, part,
    CASE WHEN by_vendor THEN city ELSE found['city'] END AS city,
    CASE WHEN as_by_vendor THEN as_org ELSE found['as_org'] END AS as_org,
    CASE
        WHEN by_vendor THEN 'vendor'
        WHEN found['place_built'] IS NOT NULL THEN 'database'
    END AS place_basis,
    CASE
        WHEN as_by_vendor THEN 'vendor'
        WHEN found['as_built'] IS NOT NULL THEN 'database'
    END AS as_basis
FROM placed
ORDER BY time DESC, shard DESC, seq DESC, part DESC
