-- One try by one account at one service, with whose account it is and with the
-- MFA that stands behind it. A prompt that an identity provider and an MFA vendor
-- both tell of is one (tries_told_once). A federated sign-in says nothing of MFA:
-- it is inherited where the same session had it at most 24 hours before
-- (tries_in_sessions), or where the provider's own events prove it
-- (federated_sign_ins). Everything else stays unknown. How it was proven is said,
-- and timing is never taken for more. Which event arrived first makes no
-- difference.
-- columns:
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- mfa  performed, claim_in_token, remembered, inherited, none, not_required, bypassed, abandoned or unknown.
-- mfa_proof  The event that proves it, as shard-seq-part.
-- mfa_proof_kind  event, token, device, session or timing.
-- mfa_proof_events  All events that the proof stands on, separated by a space: mfa_proof, then who else told of the same prompt, or the provider's sign-in that leads here.
-- federated  Whether the service took an identity provider's word for who it is.
-- came_from  What access that says nothing of MFA itself came from, as shard-seq-part: the success before it in the same session, or the provider's sign-in that leads here; null for a sign-in of its own. Whether that had MFA is another question.
-- critical  Whether it is critical; nothing is until rules say so.
WITH found AS (
    SELECT shard AS f_shard, seq AS f_seq, part AS f_part, mfa_proof AS timing_proof, sign_on
    FROM federated_sign_ins
    WHERE finding IN ('proven', 'without_mfa')
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
    CASE
        WHEN session_proof IS NOT NULL THEN session_proof
        WHEN timing_proof = sign_on THEN timing_proof
        WHEN timing_proof IS NOT NULL THEN concat_ws(' ', timing_proof, sign_on)
        ELSE proof_events
    END AS mfa_proof_events,
    factor, strength, phishing_resistant, prompts, refusals, steps,
    prompt_to_response_ms, duration_ms, duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed,
    federated,
    coalesce(session_sign_in, sign_on) AS came_from,
    false AS critical
FROM found
RIGHT JOIN tries_in_sessions ON f_shard = shard AND f_seq = seq AND f_part = part
