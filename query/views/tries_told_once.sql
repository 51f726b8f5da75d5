-- Tries, each told once. An identity provider that has its second factor from an
-- MFA vendor, and that vendor, both write down the same prompt: it is one try, at
-- the identity provider.
--
-- A try that Duo tells is part of the same person's try at a provider where it
-- ended while that went on, or at most 60 seconds before or after; where the
-- provider names no factor, one of somebody else's (other), or the same; and where
-- it is somebody else's, or Duo's application is named for the provider. Of
-- several such tries it is part of the one that is named so, then of one that
-- knows of a second factor, then of the nearest. The provider says how the try
-- ended; of the factor the vendor knows more, and its word stands: a bypass at Duo
-- is one, also where the provider heard only that all was well.
-- columns:
-- proof  The event that says how MFA was done: the vendor's, where it tells of it.
-- proof_events  All events that say so, the vendor's first; as shard-seq-part, separated by a space.
-- prompts  Requests to the person for a response, each once.
WITH known AS (
    SELECT
        *,
        epoch_ms(started) AS started_ms,
        epoch_ms(ended) AS ended_ms
    FROM tries_of_people
), shifts(shift_ms) AS (
    VALUES (-3600000), (0), (3600000)
), vendor AS (
    -- By hour and the hours beside it, so that they meet by equal keys.
    SELECT
        k.shard AS v_shard, k.seq AS v_seq, k.part AS v_part,
        k.who AS v_who,
        k.ended_ms AS v_ms,
        k.ended_ms - k.ended_ms % 3600000 + s.shift_ms AS v_hour,
        lower(k.service) AS v_service,
        k.outcome AS v_outcome, k.reason AS v_reason, k.reason_raw AS v_reason_raw,
        k.mfa AS v_mfa, k.proof AS v_proof,
        k.factor AS v_factor, k.strength AS v_strength,
        k.phishing_resistant AS v_phishing_resistant,
        k.prompts AS v_prompts, k.refusals AS v_refusals,
        k.prompt_to_response_ms AS v_prompt_to_response_ms,
        k.duration_ms AS v_duration_ms, k.duration_basis AS v_duration_basis,
        k.device_id AS v_device_id, k.device_managed AS v_device_managed
    FROM known k
    CROSS JOIN shifts s
    WHERE k.source = 'duo' AND k.who IS NOT NULL
), provider AS (
    SELECT
        shard, seq, part, who, started_ms, ended_ms, factor, mfa, prompts, policy_challenged, reason,
        ended_ms - ended_ms % 3600000 AS hour,
        CASE source
            WHEN 'okta' THEN 'okta'
            WHEN 'entra' THEN 'entra'
            WHEN 'keycloak' THEN 'keycloak'
            WHEN 'google_workspace' THEN 'google'
            WHEN 'auth0' THEN 'auth0'
        END AS word,
        CASE WHEN source = 'entra' THEN 'azure' ELSE source END AS other_word
    FROM known
    WHERE source IN ('okta', 'entra', 'keycloak', 'google_workspace', 'auth0')
        AND who IS NOT NULL
        AND (factor IS NULL OR factor NOT IN ('certificate', 'recovery_code'))
), met AS (
    SELECT
        *,
        strpos(v_service, word) > 0 OR strpos(v_service, other_word) > 0 AS is_named,
        factor = 'other' OR factor = v_factor OR mfa IN ('abandoned', 'claim_in_token')
            OR prompts > 0 OR policy_challenged OR reason LIKE 'factor_%' AS heard_of_it,
        CASE
            WHEN v_ms < started_ms THEN started_ms - v_ms
            WHEN v_ms > ended_ms THEN v_ms - ended_ms
            ELSE 0
        END AS apart_ms
    FROM vendor
    JOIN provider ON v_who = who AND v_hour = hour
), chosen AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY v_shard, v_seq, v_part
            ORDER BY
                CASE WHEN is_named THEN 0 ELSE 1 END,
                CASE WHEN heard_of_it THEN 0 ELSE 1 END,
                apart_ms, shard, seq, part
        ) AS choice
    FROM met
    WHERE apart_ms <= 60000
        AND (factor IS NULL OR factor IN ('password', 'other', 'unknown') OR factor = v_factor)
        AND (is_named OR factor = 'other')
), heard AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY shard, seq, part
            ORDER BY CASE WHEN v_outcome = 'success' THEN 0 ELSE 1 END, v_ms DESC,
                v_shard, v_seq, v_part
        ) AS telling,
        count(*) OVER (PARTITION BY shard, seq, part) AS tellings,
        sum(v_prompts) OVER (PARTITION BY shard, seq, part) AS all_prompts,
        sum(v_refusals) OVER (PARTITION BY shard, seq, part) AS all_refusals
    FROM chosen
    WHERE choice = 1
), parts(is_part) AS (
    VALUES (false), (true)
), marks AS (
    -- The provider's try with what is added to it, and the vendor's, which go.
    SELECT
        h.*,
        p.is_part,
        CASE WHEN p.is_part THEN h.v_shard ELSE h.shard END AS at_shard,
        CASE WHEN p.is_part THEN h.v_seq ELSE h.seq END AS at_seq,
        CASE WHEN p.is_part THEN h.v_part ELSE h.part END AS at_part,
        h.v_outcome = 'success' AND h.v_mfa <> 'unknown' AS has_word
    FROM heard h
    CROSS JOIN parts p
    WHERE p.is_part OR h.telling = 1
), once AS (
    SELECT
        k.*,
        m.tellings, m.all_prompts, m.all_refusals,
        m.v_reason, m.v_reason_raw, m.v_mfa, m.v_proof, m.v_factor, m.v_strength,
        m.v_phishing_resistant, m.v_prompt_to_response_ms, m.v_duration_ms, m.v_duration_basis,
        m.v_device_id, m.v_device_managed, m.v_prompts,
        coalesce(m.has_word AND k.outcome = 'success', false) AS has_word,
        -- Whether all that the provider knows of it is that somebody else saw to it.
        coalesce(m.has_word AND k.outcome = 'success' AND k.factor = 'other', false) AS is_others,
        coalesce(m.v_factor NOT IN ('other', 'unknown')
            AND (k.outcome <> 'success' OR m.has_word), false) AS names_factor
    -- The few stand on the left: that side is held, the other one passes by.
    FROM marks m
    RIGHT JOIN known k ON m.at_shard = k.shard AND m.at_seq = k.seq AND m.at_part = k.part
    WHERE NOT coalesce(m.is_part, false)
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, who, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, interactive,
    outcome,
    CASE WHEN reason IS NULL OR reason IN ('other', 'unknown')
        THEN coalesce(CASE WHEN outcome <> 'success' THEN v_reason END, reason)
        ELSE reason END AS reason,
    coalesce(reason_raw, CASE WHEN outcome <> 'success' THEN v_reason_raw END) AS reason_raw,
    CASE
        WHEN has_word THEN v_mfa
        WHEN mfa = 'unknown' AND v_mfa = 'abandoned' AND outcome <> 'success' THEN 'abandoned'
        ELSE mfa
    END AS mfa,
    CASE WHEN has_word THEN v_proof ELSE proof END AS proof,
    CASE
        WHEN NOT has_word THEN proof
        WHEN v_proof IS NOT NULL THEN concat_ws(' ', v_proof, proof)
    END AS proof_events,
    CASE WHEN is_others OR names_factor THEN v_factor ELSE factor END AS factor,
    CASE WHEN is_others OR names_factor THEN v_strength ELSE strength END AS strength,
    CASE WHEN is_others OR names_factor THEN v_phishing_resistant ELSE phishing_resistant END
        AS phishing_resistant,
    -- A remembered device and a bypass ask for nothing: the provider took what it
    -- was told for an answer.
    CAST(greatest(prompts - CASE WHEN is_others AND v_prompts = 0 THEN 1 ELSE 0 END,
        coalesce(all_prompts, 0)) AS BIGINT) AS prompts,
    CAST(greatest(refusals, coalesce(all_refusals, 0)) AS BIGINT) AS refusals,
    CAST(steps + coalesce(tellings, 0) AS BIGINT) AS steps,
    coalesce(prompt_to_response_ms, CASE WHEN has_word THEN v_prompt_to_response_ms END)
        AS prompt_to_response_ms,
    coalesce(duration_ms, CASE WHEN has_word THEN v_duration_ms END) AS duration_ms,
    CASE WHEN duration_ms IS NULL AND has_word THEN v_duration_basis ELSE duration_basis END
        AS duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy,
    coalesce(device_id, v_device_id) AS device_id,
    coalesce(device_managed, v_device_managed) AS device_managed,
    leads_to, leads_to_resource,
    federated,
    -- Who answered here didn't come with another's word.
    arrives AND NOT has_word AS arrives
FROM once
