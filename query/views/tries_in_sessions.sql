-- Tries, each with the MFA that the same session had at most 24 hours before: a
-- provider's session that was opened with a second factor, and what is reached in
-- it without being asked again.
-- columns:
-- proven  Whether the try itself says that it had MFA.
-- session_proof  The event that proves the session's MFA, where the try itself says nothing; as shard-seq-part.
-- session_sign_in  The last try that succeeded in the session before, at most 24 hours, where the try itself says nothing; as shard-seq-part.
-- is_open  Whether it worked, and nothing in it or in its session says whether with MFA.
WITH judged AS (
    SELECT
        *,
        mfa IN ('performed', 'claim_in_token', 'remembered') AND outcome = 'success' AS proven,
        mfa = 'unknown' AND outcome = 'success' AS unsaid
    FROM tries_told_once
), in_sessions AS (
    -- One order over all sessions, by plain numbers (see tries).
    SELECT
        *,
        coalesce(session_id, flow_id) IS NOT NULL AS has_session,
        dense_rank() OVER (ORDER BY source, coalesce(session_id, flow_id)) AS session,
        row_number() OVER (
            ORDER BY source, coalesce(session_id, flow_id), ended, shard, seq, part
        ) AS n
    FROM judged
), by_session AS (
    -- The last proof so far, as text that sorts by its place in the order: 13
    -- digits of the place, 13 of the session, 16 of milliseconds (each begins with a
    -- 1, so that it is as long as the others), the event.
    SELECT
        *,
        max(CASE WHEN proven THEN CAST(1000000000000 + n AS VARCHAR)
            || CAST(1000000000000 + session AS VARCHAR)
            || CAST(1000000000000000 + epoch_ms(ended) AS VARCHAR) || proof END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_proof,
        max(CASE WHEN outcome = 'success' THEN CAST(1000000000000 + n AS VARCHAR)
            || CAST(1000000000000 + session AS VARCHAR)
            || CAST(1000000000000000 + epoch_ms(ended) AS VARCHAR)
            || CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
        END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS last_success
    FROM in_sessions
), found AS (
    SELECT
        *,
        CASE WHEN unsaid AND has_session
            AND substr(last_proof, 14, 13) = CAST(1000000000000 + session AS VARCHAR)
            AND CAST(substr(last_proof, 27, 16) AS BIGINT)
                >= 1000000000000000 + epoch_ms(started - INTERVAL '24 hours')
            THEN substr(last_proof, 43) END AS session_proof,
        CASE WHEN unsaid AND has_session
            AND substr(last_success, 14, 13) = CAST(1000000000000 + session AS VARCHAR)
            AND CAST(substr(last_success, 27, 16) AS BIGINT)
                >= 1000000000000000 + epoch_ms(started - INTERVAL '24 hours')
            THEN substr(last_success, 43) END AS session_sign_in
    FROM by_session
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, who, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, interactive,
    outcome, reason, reason_raw, mfa, proof, proof_events,
    factor, strength, phishing_resistant, prompts, refusals, steps,
    prompt_to_response_ms, duration_ms, duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed,
    leads_to, leads_to_resource, federated, arrives,
    proven,
    session_proof,
    session_sign_in,
    unsaid AND session_proof IS NULL AS is_open
FROM found
