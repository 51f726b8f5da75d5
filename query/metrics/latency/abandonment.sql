-- question: How many prompts are given up within ten minutes?
-- sentence: of prompts were given up
-- counts: prompt, prompts
-- k: nobody answered it
-- unit: share
-- band: interval95
-- shape: spells
-- statistic: cumulative incidence
-- figures: within_10m
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: attempts of human accounts in which a prompt was sent; given up is what happens, being answered or refused makes it impossible, a prompt younger than 10 minutes is still open
-- excludes: attempts whose end isn't said; service, shared and unknown accounts
-- columns: bucket, grp, figure (empty), length (milliseconds from the prompt, or from the attempt's start, to the answer; 10 minutes where there was none), fate (event: given up; other: answered or refused; open), n
-- version: 1
WITH prompted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        CASE
            WHEN outcome <> 'abandoned' THEN 'other'
            WHEN ended < $as_of - INTERVAL '10 minutes' THEN 'event'
            ELSE 'open'
        END AS fate,
        coalesce(prompt_to_response_ms, epoch_ms(ended) - epoch_ms(started)) AS answered_ms,
        greatest(epoch_ms($as_of) - epoch_ms(ended), 0) AS age_ms
    FROM attempts
    WHERE started >= $from AND started < $to
        AND account_kind = 'human'
        AND (prompts > 0 OR outcome = 'abandoned')
        AND outcome <> 'unknown'
        {only}
), cases AS (
    SELECT
        bucket, grp, fate,
        CASE fate WHEN 'other' THEN answered_ms WHEN 'event' THEN 600000 ELSE least(age_ms, 600000) END
            AS length
    FROM prompted
)
SELECT bucket, grp, '' AS figure, length, fate, count(*) AS n
FROM cases
GROUP BY bucket, grp, length, fate
