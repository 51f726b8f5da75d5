-- question: How many sign-ins can be timed at all?
-- sentence: of sign-ins can be timed
-- counts: sign-in, sign-ins
-- k: sign-ins that can be timed (on the figure's basis)
-- n: completed sign-ins in which something was asked for
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: successful attempts of human accounts in which something was asked for
-- excludes: access out of a session
-- columns: bucket, grp, figure (empty: any basis; else the basis), k (measured), n, unknown
-- version: 1
WITH completed AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        duration_basis,
        prompt_to_response_ms IS NOT NULL AS prompted,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND (prompts > 0 OR factor IS NOT NULL)
        {only}
    GROUP BY 1, 2, 3, 4
), named(figure) AS (
    VALUES (''), ('step_times'), ('elapsed_with_idle'), ('server_time'), ('prompt_to_response')
), shares AS (
    SELECT
        c.bucket, c.grp, f.figure,
        sum(CASE
            WHEN f.figure = '' AND (c.duration_basis IS NOT NULL OR c.prompted) THEN c.n
            WHEN f.figure = 'prompt_to_response' AND c.prompted THEN c.n
            WHEN f.figure = c.duration_basis THEN c.n
            ELSE 0
        END) AS k,
        sum(c.n) AS n
    FROM completed c
    CROSS JOIN named f
    GROUP BY c.bucket, c.grp, f.figure
)
SELECT bucket, grp, figure, k, n, CAST(0 AS BIGINT) AS unknown
FROM shares
WHERE figure = '' OR k > 0
