-- One try by one account at one service, with whose account it is and with the
-- MFA that stands behind it. A federated sign-in says nothing of MFA: it is
-- inherited where the same session had it at most 24 hours before. It is also
-- inherited by timing, from Okta into AWS only: where the same person, from the
-- same address and at most 60 seconds before, reached an application of Okta's
-- that leads into AWS (leads_to lists them), and that sign-in had MFA. Everything
-- else stays unknown. How it was proven is said, and timing is never taken for
-- more. Which event arrived first makes no difference.
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
        t.mfa = 'unknown' AND t.outcome = 'success' AS open,
        -- Which source's sign-ins follow a sign-in to this application of the
        -- provider, by the names in Okta's catalogue; a label of one's own that
        -- begins with none of them proves nothing.
        CASE
            WHEN t.source <> 'okta' THEN NULL
            WHEN lower(t.service) IN ('aws', 'aws console')
                OR lower(t.service) LIKE 'aws account federation%'
                OR lower(t.service) LIKE 'aws iam identity center%'
                OR lower(t.service) LIKE 'aws single sign-on%'
                OR lower(t.service) LIKE 'amazon web services%' THEN 'cloudtrail'
        END AS leads_to
    FROM tries t
    LEFT JOIN accounts a
        ON a.source = t.source
        AND a.login = t.user_name
        AND (a.valid_from IS NULL OR t.started >= a.valid_from)
        AND (a.valid_to IS NULL OR t.started < a.valid_to)
), in_sessions AS (
    -- One order over all sessions, by plain numbers (see tries).
    SELECT
        *,
        coalesce(session_id, flow_id) IS NOT NULL AS has_session,
        dense_rank() OVER (ORDER BY source, coalesce(session_id, flow_id)) AS session,
        row_number() OVER (
            ORDER BY source, coalesce(session_id, flow_id), ended, shard, seq, part
        ) AS n
    FROM named
), by_session AS (
    -- The last proof so far, as text that sorts by its place in the order: 12
    -- digits of the place, 12 of the session, 15 of milliseconds (no time lies
    -- before 1970), the event.
    SELECT
        *,
        max(CASE WHEN proven THEN lpad(CAST(n AS VARCHAR), 12, '0')
            || lpad(CAST(session AS VARCHAR), 12, '0')
            || lpad(CAST(epoch_ms(ended) AS VARCHAR), 15, '0') || proof END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_proof
    FROM in_sessions
), sessions AS (
    SELECT
        *,
        CASE WHEN open AND has_session
            AND substr(last_proof, 13, 12) = lpad(CAST(session AS VARCHAR), 12, '0')
            AND CAST(substr(last_proof, 25, 15) AS BIGINT)
                >= epoch_ms(started - INTERVAL '24 hours')
            THEN substr(last_proof, 40) END AS session_proof,
        open AND source = 'cloudtrail' AND platform = 'cloud_console'
            AND coalesce(interactive, true)
            AND coalesce(credential, 'unknown') IN ('session', 'unknown')
            AND ip IS NOT NULL
            AND coalesce(person, user_name) IS NOT NULL AS may_follow,
        coalesce('person ' || person, 'login ' || user_name) AS who
    FROM by_session
), providers AS (
    SELECT
        *,
        CASE WHEN leads_to IS NOT NULL AND outcome = 'success'
            AND ip IS NOT NULL AND who IS NOT NULL THEN
            CASE WHEN proven THEN proof ELSE session_proof END
        END AS provider_proof,
        coalesce(leads_to, source) AS into_source,
        -- CloudTrail gives whole seconds: the provider's answer may lie within
        -- the same second, written later.
        CASE WHEN may_follow AND date_trunc('second', started) = started
            THEN started + INTERVAL '999 milliseconds' ELSE ended END AS follows_from
    FROM sessions
), in_places AS (
    SELECT
        *,
        dense_rank() OVER (ORDER BY who, ip, into_source) AS place,
        row_number() OVER (
            ORDER BY who, ip, into_source, follows_from, may_follow, shard, seq, part
        ) AS m
    FROM providers
), by_timing AS (
    SELECT
        *,
        max(CASE WHEN provider_proof IS NOT NULL THEN lpad(CAST(m AS VARCHAR), 12, '0')
            || lpad(CAST(place AS VARCHAR), 12, '0')
            || lpad(CAST(epoch_ms(ended) AS VARCHAR), 15, '0') || provider_proof END) OVER (
            ORDER BY m ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_provider
    FROM in_places
), judged AS (
    SELECT
        *,
        CASE WHEN may_follow AND session_proof IS NULL
            AND substr(last_provider, 13, 12) = lpad(CAST(place AS VARCHAR), 12, '0')
            AND CAST(substr(last_provider, 25, 15) AS BIGINT)
                >= epoch_ms(started - INTERVAL '60 seconds')
            THEN substr(last_provider, 40) END AS timing_proof
    FROM by_timing
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, flow_id, session_id,
    platform, service, operation, environment, protocol, credential, interactive,
    outcome, reason, reason_raw,
    CASE WHEN coalesce(session_proof, timing_proof) IS NOT NULL THEN 'inherited' ELSE mfa END AS mfa,
    coalesce(session_proof, timing_proof, proof) AS mfa_proof,
    CASE
        WHEN session_proof IS NOT NULL THEN 'session'
        WHEN timing_proof IS NOT NULL THEN 'timing'
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
