-- Events in the form of OCSF 1.8.0, for tools that speak it: class 3002
-- Authentication, and 3001 Account Change for factors, recovery and changes of
-- accounts: its name is that of what most rows are. (User Management, 3007, came
-- with OCSF 1.9; 1.8 has 3001 for all of it.) Other activities (access, policies,
-- administration) are neither and aren't here. Each column is an attribute of the
-- class, null where the source doesn't say it or the class has none; written as
-- JSON without its nulls a row is valid against the class's schema. Words beside a
-- number are the schema's captions for it; beside 99 (Other) they are the source's.
-- A user that the source doesn't name is called unknown, since OCSF wants one.
-- columns:
-- activity_id  3002: 1 logon, 2 logoff, 3 ticket, 6 step before it, 99 other. 3001: 4 recovery, 10 factor enabled, 11 disabled, 99 other.
-- activity_name  The same in words; for 99 the source's name of it.
-- category_uid  3, identity and access management.
-- class_uid  3002 or 3001.
-- class_name  Authentication or Account Change.
-- type_uid  class_uid times 100 plus activity_id.
-- time  Milliseconds since 1970 UTC.
-- severity_id  1, informational: judging is the detectors' work.
-- status_id  1 success, 2 failure, 0 unknown, 99 abandoned or interrupted.
-- status  The same in words.
-- status_detail  The normalised reason.
-- status_code  The reason in the source's own words.
-- metadata  Version, product, profile (security_control where a policy is told of), the row as shard-seq-part (uid), the source's own id, when it was received.
-- user  Whose account: uid, name, e-mail address (a name that has the form of one), type.
-- actor  Who acted, where that is not the user.
-- service  What was signed in to; the source, where it names none.
-- src_endpoint  Address of the client and where that is.
-- http_request  The client's user agent.
-- session  The source's session.
-- is_mfa  Whether there was a second factor; null where the source doesn't say.
-- auth_factors  The factor.
-- auth_protocol, auth_protocol_id  How it was spoken.
-- policy  The policy that decided, and whether it was applied: not where it is only tried out, or didn't match.
-- duration  Milliseconds.
WITH classed AS (
    SELECT
        *,
        CASE WHEN activity IN ('logon', 'logoff', 'challenge', 'verify', 'token_issue', 'elevate')
            THEN 3002 ELSE 3001 END AS class,
        CASE activity
            WHEN 'logon' THEN 1
            WHEN 'logoff' THEN 2
            WHEN 'token_issue' THEN 3
            WHEN 'challenge' THEN 6
            WHEN 'verify' THEN 6
            WHEN 'enroll' THEN 10
            WHEN 'unenroll' THEN 11
            WHEN 'factor_reset' THEN 11
            WHEN 'recovery' THEN 4
            ELSE 99
        END AS activity_number,
        CASE
            WHEN country IS NOT NULL OR region IS NOT NULL OR city IS NOT NULL
                THEN {'country': country, 'region': region, 'city': city}
        END AS place,
        CASE WHEN asn IS NOT NULL OR as_org IS NOT NULL THEN {'number': asn, 'name': as_org} END
            AS network,
        CASE
            WHEN factor = 'sms' THEN 1
            WHEN factor = 'security_question' THEN 2
            WHEN factor = 'voice' THEN 3
            WHEN factor IN ('push', 'push_number') THEN 5
            WHEN factor = 'hardware_otp' THEN 6
            WHEN factor = 'totp' THEN 7
            WHEN factor = 'email' THEN 8
            WHEN factor = 'hardware_key' THEN 9
            WHEN factor IN ('passkey', 'webauthn') THEN 10
            WHEN factor = 'password' THEN 11
            WHEN factor = 'unknown' THEN 0
            WHEN factor IS NOT NULL THEN 99
        END AS factor_number,
        CASE protocol
            WHEN 'ntlm' THEN 1
            WHEN 'kerberos' THEN 2
            WHEN 'digest' THEN 3
            WHEN 'oidc' THEN 4
            WHEN 'saml' THEN 5
            WHEN 'oauth2' THEN 6
            WHEN 'pap' THEN 7
            WHEN 'chap' THEN 8
            WHEN 'eap' THEN 9
            WHEN 'radius' THEN 10
            WHEN 'basic' THEN 11
            WHEN 'ldap' THEN 12
            ELSE 99
        END AS protocol_number
    FROM events
    WHERE activity IN ('logon', 'logoff', 'challenge', 'verify', 'token_issue', 'elevate', 'enroll',
        'unenroll', 'factor_reset', 'recovery', 'account_change')
)
SELECT
    activity_number AS activity_id,
    CASE activity_number
        WHEN 1 THEN 'Logon'
        WHEN 2 THEN 'Logoff'
        WHEN 3 THEN 'Authentication Ticket'
        WHEN 4 THEN 'Password Reset'
        WHEN 6 THEN 'Preauth'
        WHEN 10 THEN 'MFA Factor Enable'
        WHEN 11 THEN 'MFA Factor Disable'
        ELSE coalesce(operation, activity)
    END AS activity_name,
    3 AS category_uid,
    class AS class_uid,
    CASE class WHEN 3002 THEN 'Authentication' ELSE 'Account Change' END AS class_name,
    class * 100 + activity_number AS type_uid,
    epoch_ms(time) AS time,
    1 AS severity_id,
    CASE
        WHEN outcome = 'success' THEN 1
        WHEN outcome IN ('failure', 'denied', 'error') THEN 2
        WHEN outcome = 'unknown' THEN 0
        ELSE 99
    END AS status_id,
    CASE
        WHEN outcome = 'success' THEN 'Success'
        WHEN outcome IN ('failure', 'denied', 'error') THEN 'Failure'
        WHEN outcome = 'unknown' THEN 'Unknown'
        ELSE outcome
    END AS status,
    reason AS status_detail,
    reason_raw AS status_code,
    operation AS message,
    {
        'version': '1.8.0',
        'product': {'name': source},
        'profiles': CASE WHEN policy_id IS NOT NULL OR policy_name IS NOT NULL
            THEN ['security_control'] END,
        'uid': CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR),
        'original_event_uid': source_event_id,
        'logged_time': epoch_ms(received)
    } AS metadata,
    {
        'uid': user_id,
        'name': CASE WHEN user_id IS NULL THEN coalesce(user_name, 'unknown') ELSE user_name END,
        'email_addr': CASE
            WHEN user_name ~ '^[a-zA-Z0-9!#$%&''*+,./=?^_`{|}~-]+@[a-zA-Z0-9-]+[.][a-zA-Z0-9.-]+$'
                THEN user_name
        END,
        'type': user_type
    } AS "user",
    CASE WHEN actor IS NOT NULL THEN {'user': {'name': actor}} END AS actor,
    CASE WHEN class = 3002 THEN {'name': coalesce(service, source)} END AS service,
    CASE WHEN ip IS NOT NULL
        THEN {'ip': ip, 'location': place, 'autonomous_system': network} END AS src_endpoint,
    CASE WHEN user_agent IS NOT NULL THEN {'user_agent': user_agent} END AS http_request,
    CASE WHEN class = 3002 AND session_id IS NOT NULL THEN {'uid': session_id} END AS session,
    CASE
        WHEN class <> 3002 THEN NULL
        WHEN mfa IN ('performed', 'claim_in_token', 'remembered') THEN true
        WHEN mfa IN ('none', 'not_required', 'bypassed') THEN false
    END AS is_mfa,
    CASE WHEN factor IS NOT NULL THEN [{
        'factor_type': CASE factor_number
            WHEN 0 THEN 'Unknown'
            WHEN 1 THEN 'SMS'
            WHEN 2 THEN 'Security Question'
            WHEN 3 THEN 'Phone Call'
            WHEN 5 THEN 'Push Notification'
            WHEN 6 THEN 'Hardware Token'
            WHEN 7 THEN 'OTP'
            WHEN 8 THEN 'Email'
            WHEN 9 THEN 'U2F'
            WHEN 10 THEN 'WebAuthn'
            WHEN 11 THEN 'Password'
            ELSE factor
        END,
        'factor_type_id': factor_number
    }] END AS auth_factors,
    CASE WHEN class = 3002 AND protocol IS NOT NULL THEN CASE protocol_number
        WHEN 1 THEN 'NTLM'
        WHEN 2 THEN 'Kerberos'
        WHEN 3 THEN 'Digest'
        WHEN 4 THEN 'OpenID'
        WHEN 5 THEN 'SAML'
        WHEN 6 THEN 'OAUTH 2.0'
        WHEN 7 THEN 'PAP'
        WHEN 8 THEN 'CHAP'
        WHEN 9 THEN 'EAP'
        WHEN 10 THEN 'RADIUS'
        WHEN 11 THEN 'Basic Authentication'
        WHEN 12 THEN 'LDAP'
        ELSE protocol
    END END AS auth_protocol,
    CASE WHEN class = 3002 AND protocol IS NOT NULL THEN protocol_number END AS auth_protocol_id,
    CASE WHEN policy_id IS NOT NULL OR policy_name IS NOT NULL THEN {
        'uid': policy_id,
        'name': policy_name,
        'is_applied': CASE
            WHEN policy_mode = 'report_only' OR policy_result = 'not_applied' THEN false
            WHEN policy_result IN ('allowed', 'challenged', 'denied') OR blocked THEN true
        END
    } END AS policy,
    duration_ms AS duration
FROM classed
