-- question: How soon are prompts answered, those that never are included?
-- sentence: of prompts were answered
-- counts: prompt, prompts
-- k: it was answered rightly
-- unit: share
-- band: interval95
-- shape: spells
-- statistic: cumulative incidence
-- figures: within_10s, within_30s, within_60s, within_5m
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: attempts of human accounts in which a prompt was sent whose time the source tells; an answer that is right is what happens, a refusal, a wrong answer or ten minutes without one make it impossible, a prompt younger than that is still open
-- excludes: prompts whose sending the source doesn't tell, attempts whose end isn't said
-- columns: bucket, grp, figure (empty), length (milliseconds from the prompt to the answer; 10 minutes where there was none), fate (event: answered; other: refused, wrong or given up; open), n
-- version: 1
WITH prompted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        CASE
            WHEN prompt_to_response_ms IS NOT NULL THEN 'event'
            WHEN outcome <> 'abandoned' THEN 'other'
            WHEN ended < $as_of - INTERVAL '10 minutes' THEN 'other'
            ELSE 'open'
        END AS fate,
        CASE
            WHEN prompt_to_response_ms IS NOT NULL THEN prompt_to_response_ms
            WHEN outcome <> 'abandoned' THEN epoch_ms(ended) - epoch_ms(started)
            ELSE least(greatest(epoch_ms($as_of) - epoch_ms(ended), 0), 600000)
        END AS length
    FROM attempts
    WHERE started >= $from AND started < $to
        AND account_kind = 'human'
        AND prompts > 0
        -- A lone row is a prompt only where challenges are events of their own.
        AND (steps > 1 OR (outcome = 'abandoned' AND (flow_id IS NOT NULL OR source = 'teleport')))
        AND (prompt_to_response_ms IS NOT NULL OR outcome NOT IN ('success', 'unknown'))
        {only}
)
SELECT bucket, grp, '' AS figure, length, fate, count(*) AS n
FROM prompted
GROUP BY bucket, grp, length, fate
