-- question: How many of those who sign in said how it was?
-- sentence: of people who signed in answered
-- counts: person, people
-- k: people who answered about one of their sign-ins
-- n: people who signed in
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: persons with a successful interactive attempt; one answered if an answer names the flow of one of these, up to 30 days after it
-- excludes: answers that name no sign-in, and accounts that no person is known for. Who was asked isn't counted, so this is the least that the response rate can be
-- columns: bucket, grp, figure (people), k, n, unknown
-- version: 1
WITH answers AS (
    SELECT flow_id AS of_flow, max(time) AS answered
    FROM events
    WHERE activity = 'feedback' AND score IS NOT NULL AND flow_id IS NOT NULL
        AND time >= $from AND time < $to + INTERVAL '30 days'
    GROUP BY flow_id
), signed_in AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        person,
        bool_or(coalesce(answered >= started AND answered < started + INTERVAL '30 days', false))
            AS answered
    FROM attempts
    LEFT JOIN answers ON of_flow = flow_id
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND person IS NOT NULL
        {only}
    GROUP BY 1, 2, person
)
SELECT
    bucket, grp, 'people' AS figure,
    sum(CASE WHEN answered THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM signed_in
GROUP BY bucket, grp
