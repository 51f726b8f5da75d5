-- question: How many factor resets are followed by a new device?
-- sentence: of factor resets were followed by a new factor or device within 12 hours
-- counts: factor reset, factor resets
-- k: resets after which the account enrolled a factor, or signed in with a device it hadn't used in the 30 days before, within 12 hours
-- n: resets of an account's factors
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: week, month, quarter, total
-- dimensions: source
-- population: resets of an account's factors that succeeded
-- excludes: nothing; where sign-ins name no device, only an enrolment can show one
-- columns: bucket, grp, figure (empty), k, n, unknown (younger than 12 hours, and nothing yet)
-- version: 1
WITH resets AS (
    SELECT shard, seq, part, source, user_name, time AS happened
    FROM events
    WHERE activity = 'factor_reset' AND outcome = 'success' AND time >= $from AND time < $to
), enrolled AS (
    SELECT DISTINCT r.shard AS of_shard, r.seq AS of_seq, r.part AS of_part
    FROM resets r
    JOIN events e
        ON e.source = r.source AND e.user_name = r.user_name
        AND e.time > r.happened AND e.time <= r.happened + INTERVAL '12 hours'
    WHERE e.activity = 'enroll' AND e.outcome = 'success'
        AND e.time >= $from AND e.time < $to + INTERVAL '12 hours'
), devices AS (
    SELECT source AS of_source, user_name AS of_account, device_id, started
    FROM attempts
    WHERE device_id IS NOT NULL AND outcome = 'success'
        AND started >= $from - INTERVAL '30 days' AND started < $to + INTERVAL '12 hours'
), by_device AS (
    SELECT
        r.shard, r.seq, r.part, d.device_id,
        bool_or(d.started <= r.happened) AS known,
        bool_or(d.started > r.happened) AS came
    FROM resets r
    JOIN devices d
        ON d.of_source = r.source AND d.of_account = r.user_name
        AND d.started >= r.happened - INTERVAL '30 days' AND d.started <= r.happened + INTERVAL '12 hours'
    GROUP BY r.shard, r.seq, r.part, d.device_id
), new_devices AS (
    SELECT DISTINCT shard AS of_shard, seq AS of_seq, part AS of_part
    FROM by_device
    WHERE came AND NOT known
), judged AS (
    SELECT
        r.source, r.happened,
        e.of_shard IS NOT NULL OR d.of_shard IS NOT NULL AS followed
    FROM resets r
    LEFT JOIN enrolled e ON e.of_shard = r.shard AND e.of_seq = r.seq AND e.of_part = r.part
    LEFT JOIN new_devices d ON d.of_shard = r.shard AND d.of_seq = r.seq AND d.of_part = r.part
)
SELECT
    bucket($grain, happened, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN followed THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN NOT followed AND happened > $as_of - INTERVAL '12 hours' THEN 1 ELSE 0 END) AS unknown
FROM judged
WHERE true {only}
GROUP BY 1, 2
