-- One try by one account at one service, with whose account it is and with the
-- MFA that stands behind it. A federated sign-in says nothing of MFA: it is
-- inherited where the same session, at most 24 hours before, or a sign-in of the
-- same person at an identity provider from the same address, at most 60 seconds
-- before, had it. How it was proven is said, and timing is never taken for more.
-- Which event arrived first makes no difference.
-- columns:
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- mfa  performed, claim_in_token, remembered, inherited, none, not_required, bypassed, abandoned or unknown.
-- mfa_proof  The event that proves it, as shard-seq-part.
-- mfa_proof_kind  event, token, device, session or timing.
-- critical  Whether it is critical; nothing is until rules say so.
WITH named AS (
    SELECT
        t.*,
        a.person, a.name, a.privileged, a.team, a.manager, a.role, a.cohort, a.time_zone,
        CASE
            WHEN a.kind IS NOT NULL AND a.kind <> 'unknown' THEN a.kind
            WHEN lower(t.user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot',
                'system', 'systemprincipal', 'awsservice', 'machine') THEN 'service'
            WHEN NOT t.interactive AND t.credential IN ('app', 'access_key', 'deploy_key')
                THEN 'service'
            ELSE 'unknown'
        END AS account_kind,
        t.mfa IN ('performed', 'claim_in_token', 'remembered') AND t.outcome = 'success' AS proven,
        t.mfa = 'unknown' AND t.outcome = 'success' AS open
    FROM tries t
    LEFT JOIN accounts a
        ON a.source = t.source
        AND a.login = t.user_name
        AND (a.valid_from IS NULL OR t.started >= a.valid_from)
        AND (a.valid_to IS NULL OR t.started < a.valid_to)
), by_session AS (
    SELECT
        *,
        -- The latest: 13 digits of milliseconds go before the event and off again.
        substr(max(CASE WHEN proven
            THEN CAST(epoch_ms(ended) AS VARCHAR) || proof END) OVER session, 14) AS session_proof,
        max(CASE WHEN proven THEN ended END) OVER session AS session_proven
    FROM named
    WINDOW session AS (
        PARTITION BY source, coalesce(session_id, flow_id) ORDER BY ended, shard, seq, part
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), sessions AS (
    SELECT
        *,
        open AND coalesce(session_id, flow_id) IS NOT NULL
            AND session_proof IS NOT NULL
            AND session_proven >= started - INTERVAL '24 hours' AS has_session,
        open AND platform IN ('cloud_console', 'source_control', 'ci_cd', 'artifact_registry', 'other')
            AND coalesce(interactive, true)
            AND coalesce(credential, 'unknown') IN ('session', 'unknown')
            AND ip IS NOT NULL AS may_follow,
        coalesce('person ' || person, 'login ' || user_name) AS who
    FROM by_session
), lined_up AS (
    SELECT
        *,
        CASE WHEN platform = 'idp' AND ip IS NOT NULL THEN
            CASE WHEN proven THEN proof WHEN has_session THEN session_proof END
        END AS provider_proof,
        -- CloudTrail gives whole seconds: the provider's answer may lie within
        -- the same second, written later.
        CASE WHEN may_follow AND date_trunc('second', started) = started
            THEN started + INTERVAL '999 milliseconds' ELSE ended END AS follows_from
    FROM sessions
), by_timing AS (
    SELECT
        *,
        substr(max(CASE WHEN provider_proof IS NOT NULL
            THEN CAST(epoch_ms(ended) AS VARCHAR) || provider_proof END) OVER timing, 14)
            AS timing_proof,
        max(CASE WHEN provider_proof IS NOT NULL THEN ended END) OVER timing AS timing_proven
    FROM lined_up
    WINDOW timing AS (
        PARTITION BY who, ip ORDER BY follows_from, may_follow, shard, seq, part
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), judged AS (
    SELECT
        *,
        may_follow AND NOT has_session AND who IS NOT NULL AND timing_proof IS NOT NULL
            AND timing_proven >= started - INTERVAL '60 seconds' AS has_timing
    FROM by_timing
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, flow_id, session_id,
    platform, service, operation, environment, protocol, credential, interactive,
    outcome, reason, reason_raw,
    CASE WHEN has_session OR has_timing THEN 'inherited' ELSE mfa END AS mfa,
    CASE WHEN has_session THEN session_proof WHEN has_timing THEN timing_proof ELSE proof END
        AS mfa_proof,
    CASE
        WHEN has_session THEN 'session'
        WHEN has_timing THEN 'timing'
        WHEN mfa = 'performed' THEN 'event'
        WHEN mfa = 'claim_in_token' THEN 'token'
        WHEN mfa = 'remembered' THEN 'device'
    END AS mfa_proof_kind,
    factor, strength, phishing_resistant, prompts, refusals, steps,
    prompt_to_response_ms, duration_ms, duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed,
    false AS critical
FROM judged
