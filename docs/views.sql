-- rollcall's tables and views for DuckDB, generated: do not edit. In the
-- directory that holds rollcall-data:
--
--     duckdb -cmd ".read docs/views.sql"
--
-- For another data directory: SET VARIABLE rollcall_data = '/srv/rollcall' first.
-- The views below are those of query/views/, word for word. Spark takes them too,
-- over the Delta tables, with epoch_ms defined as unix_millis, {'a': b} written as
-- named_struct('a', b) and ~ as RLIKE. Rows that aren't sealed yet are not seen.
--
-- A table is the files that its commits name, and no others: one that lies there
-- without a commit (half written, or copied there) isn't part of it. Which ones
-- these are is read here, once, from the commits themselves (they are all kept, so
-- that no extension is needed): every view sees the same instant until this file
-- is read again. DuckDB can't read a table that has no file yet: without any
-- directory (people) or factor snapshot the script ends at that table.
SET TimeZone = 'UTC';
SET VARIABLE rollcall_data = coalesce(getvariable('rollcall_data'), 'rollcall-data');

CREATE OR REPLACE TEMP TABLE commit_actions AS
SELECT
    parse_path(filename, 'forward_slash')[-3] AS table_name,
    json_extract_string(json, '$.add.path') AS added,
    json_extract_string(json, '$.remove.path') AS removed,
    CAST(json_extract_string(json, '$.add.tags.rollcall') AS JSON) AS tag
FROM read_json_objects(
    getvariable('rollcall_data') || '/*/_delta_log/*.json',
    format = 'newline_delimited',
    filename = true
)
WHERE json_extract(json, '$.add') IS NOT NULL OR json_extract(json, '$.remove') IS NOT NULL;

-- A file that a commit removed is never added again: names carry a hash.
CREATE OR REPLACE TEMP TABLE live_files AS
SELECT a.table_name, getvariable('rollcall_data') || '/' || a.table_name || '/' || a.added AS path
FROM commit_actions a
ANTI JOIN commit_actions r ON r.table_name = a.table_name AND r.removed = a.added
WHERE a.added IS NOT NULL;

SET VARIABLE events_files = (SELECT list(path) FROM live_files WHERE table_name = 'events');
SET VARIABLE set_aside_files = (SELECT list(path) FROM live_files WHERE table_name = 'set_aside');
SET VARIABLE people_files = (SELECT list(path) FROM live_files WHERE table_name = 'people');
SET VARIABLE factors_files = (SELECT list(path) FROM live_files WHERE table_name = 'factors');
SET VARIABLE shards_files = (SELECT list(path) FROM live_files WHERE table_name = 'shards');

CREATE OR REPLACE TEMP VIEW events_all AS
SELECT * FROM read_parquet(getvariable('events_files'));

CREATE OR REPLACE TEMP VIEW set_aside AS
SELECT * FROM read_parquet(getvariable('set_aside_files'));

CREATE OR REPLACE TEMP VIEW people_all AS
SELECT * FROM read_parquet(getvariable('people_files'));

CREATE OR REPLACE TEMP VIEW factors_all AS
SELECT * FROM read_parquet(getvariable('factors_files'));

CREATE OR REPLACE TEMP VIEW shards AS
SELECT * FROM read_parquet(getvariable('shards_files'));

-- Where an address is: DuckDB has no GeoIP database, so only the places that sources
-- tell are there.
CREATE OR REPLACE TEMP MACRO place(address) AS {
    'country': CAST(NULL AS VARCHAR),
    'region': CAST(NULL AS VARCHAR),
    'city': CAST(NULL AS VARCHAR),
    'lat_e6': CAST(NULL AS INTEGER),
    'lon_e6': CAST(NULL AS INTEGER),
    'place_built': CAST(NULL AS DATE),
    'asn': CAST(NULL AS BIGINT),
    'as_org': CAST(NULL AS VARCHAR),
    'as_built': CAST(NULL AS DATE)
};

-- The current rows: without those that a revision replaced.
CREATE OR REPLACE TEMP VIEW events AS
SELECT e.*
FROM events_all e
ANTI JOIN (
    SELECT revises_shard, revises_seq, revises_part
    FROM events_all
    WHERE revises_shard IS NOT NULL
) r ON r.revises_shard = e.shard AND r.revises_seq = e.seq AND r.revises_part = e.part;

-- Positions of quarantined records that were replayed, from the commits' tags.
CREATE OR REPLACE TEMP VIEW replayed AS
WITH positions AS (
    SELECT unnest(from_json(json_extract(tag, '$.replays'), '[["BIGINT"]]')) AS position
    FROM commit_actions
    WHERE tag IS NOT NULL
)
SELECT
    CAST(position[1] AS INTEGER) AS shard,
    position[2] AS seq,
    CAST(position[3] AS INTEGER) AS part
FROM positions;

-- The logins that events name, by UTC day, with what the events of the day say
-- of them.
-- columns:
-- login  The user's name, lower-cased.
-- day  Start of the day.
-- events  Events that name it.
-- first_seen, last_seen  Time of the first and the last of them.
-- sign_in_events  Those that are steps of signing in.
-- last_sign_in  Time of the last of these.
-- automatic_type  Whether any calls it a service, an application or the like.
-- never_interactive  Whether all say that nobody was at the keyboard.
-- machine_credential  Whether any shows a credential that only machines have.
CREATE OR REPLACE TEMP VIEW account_days AS
WITH named AS (
    SELECT
        source, user_name, time, interactive, credential, user_type,
        activity IN ('logon', 'challenge', 'verify', 'policy_decision') AS signs_in
    FROM events
    WHERE user_name IS NOT NULL
)
SELECT
    source,
    user_name AS login,
    date_trunc('day', time) AS day,
    count(*) AS events,
    min(time) AS first_seen,
    max(time) AS last_seen,
    CAST(sum(CASE WHEN signs_in THEN 1 ELSE 0 END) AS BIGINT) AS sign_in_events,
    max(CASE WHEN signs_in THEN time END) AS last_sign_in,
    bool_or(
        lower(user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot', 'system',
            'systemprincipal', 'awsservice', 'machine')
    ) AS automatic_type,
    bool_and(coalesce(NOT interactive, false)) AS never_interactive,
    bool_or(credential IN ('app', 'access_key', 'deploy_key')) AS machine_credential
FROM named
GROUP BY 1, 2, 3;

-- Where each event came from. Where its source tells a place, that one stands, as
-- it came; else what the GeoIP databases of the configuration say of its address
-- today (docs/geoip.md): this is never stored, and another database may say another
-- thing. The two are never mixed within a place, nor within a network.
-- columns:
-- country  ISO 3166-1 alpha-2.
-- region  The largest part of the country: the source's word, or the database's English name.
-- city  The source's word, or the database's English name.
-- lat_e6, lon_e6  Millionths of a degree; a database tells the middle of an area.
-- place_basis  Who tells the place: vendor (the event's source) or database; null where nobody does.
-- place_built  The day on which that database was built; null where the source tells.
-- asn  Number of the autonomous system.
-- as_org  Who runs it.
-- as_basis  Who tells the network: vendor or database; null where nobody does.
-- as_built  The day on which that database was built; null where the source tells.
CREATE OR REPLACE TEMP VIEW event_places AS
WITH told AS (
    SELECT
        shard, seq, part, source, time, user_name, ip,
        country, region, city, lat_e6, lon_e6, asn, as_org,
        country IS NOT NULL OR region IS NOT NULL OR city IS NOT NULL OR lat_e6 IS NOT NULL
            AS by_vendor,
        asn IS NOT NULL OR as_org IS NOT NULL AS as_by_vendor,
        place(ip) AS found
    FROM events
)
SELECT
    shard, seq, part, source, time, user_name, ip,
    CASE WHEN by_vendor THEN country ELSE found['country'] END AS country,
    CASE WHEN by_vendor THEN region ELSE found['region'] END AS region,
    CASE WHEN by_vendor THEN city ELSE found['city'] END AS city,
    CASE WHEN by_vendor THEN lat_e6 ELSE found['lat_e6'] END AS lat_e6,
    CASE WHEN by_vendor THEN lon_e6 ELSE found['lon_e6'] END AS lon_e6,
    CASE
        WHEN by_vendor THEN 'vendor'
        WHEN found['place_built'] IS NOT NULL THEN 'database'
    END AS place_basis,
    CASE WHEN NOT by_vendor THEN found['place_built'] END AS place_built,
    CASE WHEN as_by_vendor THEN CAST(asn AS BIGINT) ELSE found['asn'] END AS asn,
    CASE WHEN as_by_vendor THEN as_org ELSE found['as_org'] END AS as_org,
    CASE
        WHEN as_by_vendor THEN 'vendor'
        WHEN found['as_built'] IS NOT NULL THEN 'database'
    END AS as_basis,
    CASE WHEN NOT as_by_vendor THEN found['as_built'] END AS as_built
FROM told;

-- Factor snapshots: one row per account, factor and day; a day that was
-- imported again counts once, as imported last. factor is none where an account
-- was looked at and has no factor.
-- columns:
-- login  The account's login, lower-cased.
-- usable  Whether it can serve as a second factor today.
-- latest  Whether it is of the newest snapshot of its source.
CREATE OR REPLACE TEMP VIEW factors AS
WITH imports AS (
    SELECT source, as_of, max(imported) AS imported
    FROM factors_all
    GROUP BY source, as_of
), newest AS (
    SELECT source, max(as_of) AS as_of FROM imports GROUP BY source
)
SELECT
    f.as_of,
    f.source,
    lower(f.login) AS login,
    f.factor,
    f.enrolled_on,
    f.status,
    f.status = 'active' AND f.factor NOT IN ('none', 'password') AS usable,
    f.as_of = n.as_of AS latest,
    f.imported
FROM factors_all f
JOIN imports i ON f.source = i.source AND f.as_of = i.as_of AND f.imported = i.imported
JOIN newest n ON f.source = n.source;

-- Who a directory's login belonged to, and from when until when. The first
-- import stands for all time before it; later ones from their time on, or from
-- valid_from where a login is new and the directory says since when it is true.
-- Imports that say the same of a login follow each other as one row. valid_to
-- is the last day on which a login counts.
-- columns:
-- source  Source that the login is of; * is every source.
-- login  The login, lower-cased.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
CREATE OR REPLACE TEMP VIEW logins AS
WITH imports AS (
    SELECT
        imported,
        row_number() OVER (ORDER BY imported) AS number,
        lead(imported) OVER (ORDER BY imported) AS next_imported
    FROM (SELECT DISTINCT imported FROM people_all)
), rows_of AS (
    SELECT
        p.source,
        lower(p.login) AS login,
        p.id AS person,
        p.name, p.kind, p.privileged, p.team, p.manager, p.role, p.cohort, p.time_zone,
        p.invited_on,
        p.imported,
        i.number,
        i.next_imported,
        CAST(p.valid_from AS TIMESTAMP) AS said_from,
        CAST(p.valid_to AS TIMESTAMP) + INTERVAL '1 day' AS said_to,
        concat_ws('|', p.id, coalesce(p.name, '?'), p.kind, CAST(p.privileged AS VARCHAR),
            coalesce(p.team, '?'), coalesce(p.manager, '?'), coalesce(p.role, '?'),
            coalesce(p.cohort, '?'), coalesce(p.time_zone, '?'),
            coalesce(CAST(p.invited_on AS VARCHAR), '?'),
            coalesce(CAST(p.valid_from AS VARCHAR), '?'),
            coalesce(CAST(p.valid_to AS VARCHAR), '?')) AS says,
        row_number() OVER (
            PARTITION BY i.number, p.source, lower(p.login) ORDER BY p.import_sha256, p.id
        ) AS twin
    FROM people_all p
    JOIN imports i ON p.imported = i.imported
), changes AS (
    SELECT
        *,
        lag(number) OVER login AS before,
        CASE WHEN lag(number) OVER login = number - 1 AND lag(says) OVER login = says
             THEN 0 ELSE 1 END AS change
    FROM rows_of
    WHERE twin = 1
    WINDOW login AS (PARTITION BY source, login ORDER BY number)
), spans AS (
    SELECT
        *,
        sum(change) OVER (
            PARTITION BY source, login ORDER BY number
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS span
    FROM changes
), joined AS (
    SELECT
        source, login, person, name, kind, privileged, team, manager, role, cohort, time_zone,
        invited_on, said_from, said_to,
        min(number) AS first_number,
        min(CASE WHEN change = 1 THEN before END) AS before,
        CAST(min(imported) AS TIMESTAMP) AS first_imported,
        bool_or(next_imported IS NULL) AS still,
        CAST(max(next_imported) AS TIMESTAMP) AS replaced
    FROM spans
    GROUP BY source, login, span, person, name, kind, privileged, team, manager, role, cohort,
        time_zone, invited_on, said_from, said_to
)
SELECT
    source, login, person, name, kind, privileged, team, manager, role, cohort, time_zone,
    invited_on,
    CASE
        WHEN first_number = 1 THEN said_from
        WHEN before IS NULL THEN coalesce(said_from, first_imported)
        ELSE greatest(first_imported, coalesce(said_from, first_imported))
    END AS valid_from,
    CASE
        WHEN still THEN said_to
        ELSE least(replaced, coalesce(said_to, replaced))
    END AS valid_to
FROM joined;

-- The logins that events name, with what the events say of them.
-- columns:
-- login  The user's name, lower-cased.
-- events  Events that name it.
-- first_seen, last_seen  Time of the first and the last of them.
-- automatic  Whether everything says that no person is behind it.
CREATE OR REPLACE TEMP VIEW logins_seen AS
SELECT
    source,
    login,
    CAST(sum(events) AS BIGINT) AS events,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    bool_or(automatic_type)
        OR (bool_and(never_interactive) AND bool_or(machine_credential)) AS automatic
FROM account_days
GROUP BY source, login;

-- Whose account it is: for every login that events name at a source, the person
-- in force. A directory's login of that source goes before one of source *, and
-- that before the same e-mail address at another source. Rows of one account
-- never overlap in time.
-- columns:
-- login  The account's login, lower-cased, as events name it in user_name.
-- person  The directory's id of the person; null where it knows none.
-- kind  human, service, shared, break_glass or unknown; from the directory.
-- matched_by  source, any_source or email: how the directory's login fits.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
CREATE OR REPLACE TEMP VIEW accounts AS
WITH seen AS (
    SELECT DISTINCT source, login FROM logins_seen
), candidates AS (
    SELECT
        s.source AS at_source,
        CASE WHEN l.source = s.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    JOIN logins l ON l.login = s.login
    WHERE l.source = s.source OR l.source = '*' OR strpos(l.login, '@') > 0
), cuts AS (
    SELECT at_source, login, starts AS cut FROM candidates
    UNION
    SELECT at_source, login, ends AS cut FROM candidates
), slices AS (
    SELECT
        at_source, login, cut AS slice_from,
        lead(cut) OVER (PARTITION BY at_source, login ORDER BY cut) AS slice_to
    FROM cuts
), chosen AS (
    SELECT
        c.*,
        s.slice_from,
        s.slice_to,
        row_number() OVER (
            PARTITION BY s.at_source, s.login, s.slice_from
            ORDER BY c.priority, c.starts DESC, c.source, c.person
        ) AS choice
    FROM slices s
    JOIN candidates c ON c.at_source = s.at_source AND c.login = s.login
    WHERE c.starts <= s.slice_from AND c.ends >= s.slice_to
)
SELECT
    at_source AS source,
    login,
    person, name, kind, privileged, team, manager, role, cohort, time_zone,
    CASE priority WHEN 1 THEN 'source' WHEN 2 THEN 'any_source' ELSE 'email' END AS matched_by,
    CASE WHEN slice_from > TIMESTAMP '1900-01-01 00:00:00' THEN slice_from END AS valid_from,
    CASE WHEN slice_to < TIMESTAMP '2200-01-01 00:00:00' THEN slice_to END AS valid_to
FROM chosen
WHERE choice = 1;

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
CREATE OR REPLACE TEMP VIEW ocsf_authentication AS
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
FROM classed;

-- The directory as the latest import has it, one row per person, with when the
-- person was first and last imported. Every import is in people_all.
-- columns:
-- id  The directory's id.
-- kind  human, service, shared, break_glass or unknown.
-- privileged  Whether any of the logins is privileged.
-- logins  Number of logins.
-- first_imported, last_imported  First and latest import that had the person.
CREATE OR REPLACE TEMP VIEW people AS
WITH latest AS (
    SELECT max(imported) AS imported FROM people_all
), history AS (
    SELECT id, min(imported) AS first_imported, max(imported) AS last_imported
    FROM people_all
    GROUP BY id
)
SELECT
    p.id,
    max(p.name) AS name,
    max(p.kind) AS kind,
    bool_or(p.privileged) AS privileged,
    max(p.team) AS team,
    max(p.manager) AS manager,
    max(p.role) AS role,
    max(p.cohort) AS cohort,
    max(p.time_zone) AS time_zone,
    min(p.invited_on) AS invited_on,
    min(p.valid_from) AS valid_from,
    max(p.valid_to) AS valid_to,
    count(*) AS logins,
    max(h.first_imported) AS first_imported,
    max(h.last_imported) AS last_imported
FROM people_all p
JOIN latest l ON p.imported = l.imported
JOIN history h ON p.id = h.id
GROUP BY p.id;

-- Records that couldn't be read, with their bytes and the reason, to be
-- replayed after a fix; those that were replayed are no longer here.
CREATE OR REPLACE TEMP VIEW quarantine AS
SELECT shard, seq, part, received, source, source_hint, collector, reason, redactions, raw
FROM set_aside s
WHERE verdict = 'quarantined'
    AND NOT EXISTS (
        SELECT 1 FROM replayed r WHERE r.shard = s.shard AND r.seq = s.seq AND r.part = s.part
    );

-- Events by source, collector and quarter of an hour: how many, how late they
-- came in, when the first and the last of them did. Data health reads it.
-- columns:
-- imported  Whether they came from an imported file; else over a live input.
-- slot  Start of the quarter of an hour of the events' time.
-- received_slot  Start of the quarter of an hour in which they came in.
-- lag_ms  Between the event and its receipt: to the second below a minute, to the minute below an hour, to the hour below a day, else to the day; never below 0.
-- events  Events of that slot with that lag.
CREATE OR REPLACE TEMP VIEW source_activity AS
WITH imports AS (
    SELECT DISTINCT shard FROM shards WHERE kind = 'import'
), told AS (
    -- Plain numbers: dates are only made of the few rows that remain.
    SELECT
        e.source, e.collector, i.shard IS NOT NULL AS imported, e.time, e.received,
        epoch_ms(e.time) AS at_ms,
        greatest(epoch_ms(e.received), epoch_ms(e.time)) AS in_ms
    FROM events e
    LEFT JOIN imports i ON e.shard = i.shard
), units AS (
    SELECT
        *,
        CASE
            WHEN in_ms - at_ms < 60000 THEN 1000
            WHEN in_ms - at_ms < 3600000 THEN 60000
            WHEN in_ms - at_ms < 86400000 THEN 3600000
            ELSE 86400000
        END AS unit_ms
    FROM told
), grouped AS (
    SELECT
        source, collector, imported,
        at_ms - at_ms % 900000 AS slot_ms,
        epoch_ms(received) - epoch_ms(received) % 900000 AS received_slot_ms,
        (in_ms - in_ms % unit_ms) - (at_ms - at_ms % unit_ms) AS lag_ms,
        count(*) AS events,
        min(time) AS first_time,
        max(time) AS last_time,
        min(received) AS first_received,
        max(received) AS last_received
    FROM units
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
    source, collector, imported,
    date_trunc('hour', first_time) + CASE slot_ms % 3600000
        WHEN 2700000 THEN INTERVAL '45 minutes'
        WHEN 1800000 THEN INTERVAL '30 minutes'
        WHEN 900000 THEN INTERVAL '15 minutes'
        ELSE INTERVAL '0 minutes'
    END AS slot,
    date_trunc('hour', first_received) + CASE received_slot_ms % 3600000
        WHEN 2700000 THEN INTERVAL '45 minutes'
        WHEN 1800000 THEN INTERVAL '30 minutes'
        WHEN 900000 THEN INTERVAL '15 minutes'
        ELSE INTERVAL '0 minutes'
    END AS received_slot,
    lag_ms, events, first_time, last_time, first_received, last_received
FROM grouped;

-- One try by one account at one service, before the directory is asked who that
-- is and before MFA is looked for elsewhere. The view attempts adds both.
--
-- A source with a flow key: the rows of one (source, account, flow) in the order
-- of their time. A new try begins after more than 10 silent minutes, after a
-- sign-in that failed or was denied, and with the next sign-in after one that
-- succeeded; challenges, answers and policy decisions in between are its steps.
-- It ends as its last judged step did. It is abandoned where a prompt, or a
-- policy's challenge, was never answered: a session that Okta opens after the
-- password is not a sign-in that succeeded. Without a flow key each sign-in is
-- one try.
-- columns:
-- outcome  success, failure, denied, abandoned, interrupted, error or unknown.
-- mfa  The strongest that any step says; without what is inherited.
-- factor  Of a success the strongest factor that was accepted; else the strongest asked for.
-- strength  0 password … 5 phishing-resistant.
-- prompts  Requests to the person for a response, beside the password.
-- refusals  Answers that were wrong or refused, passwords too.
-- steps  Events that it is made of.
-- proof  The event that says how MFA was done.
-- prompt_to_response_ms  From the last prompt to its accepted answer.
-- duration_ms  From the first step to the judged one, or as the event itself says.
-- duration_basis  How duration_ms was measured; bases are never mixed.
-- started, ended  Time of the first and of the judged step.
-- shard, seq, part  Position of the first step.
CREATE OR REPLACE TEMP VIEW tries AS
WITH steps AS (
    SELECT
        shard, seq, part, time, source,
        coalesce(user_name, user_id, '') AS account,
        user_name, user_id, user_type, flow_id, session_id,
        activity, outcome, reason, reason_raw, operation, interactive,
        platform, service, environment, protocol, credential, mfa, factor, phishing_resistant,
        duration_ms, duration_basis,
        policy_id, policy_name, policy_mode, policy_result, blocked,
        ip, country, asn, is_proxy, device_id, device_managed,
        -- The order of acceptance: a password below everything, a factor that
        -- can't be ranked above it.
        CAST(CASE
            WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 6
            WHEN factor = 'push_number' THEN 5
            WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 4
            WHEN factor IN ('sms', 'voice') THEN 3
            WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 2
            WHEN factor IN ('other', 'unknown') THEN 1
            WHEN factor = 'password' THEN 0
        END AS BIGINT) AS factor_rank,
        coalesce(factor, 'unknown') <> 'password' AS beside_password
    FROM events
    WHERE activity IN ('logon', 'challenge', 'verify', 'policy_decision')
), classed AS (
    SELECT
        *,
        activity = 'logon' AS is_logon,
        activity = 'challenge' AND beside_password AS is_prompt,
        activity = 'verify' AND beside_password AS is_answer,
        (activity = 'logon' AND outcome IN ('success', 'failure', 'denied', 'abandoned', 'error'))
            OR (activity = 'verify'
                AND (outcome IN ('failure', 'denied', 'abandoned', 'error')
                     OR (outcome = 'success' AND beside_password)))
            OR (activity = 'policy_decision'
                AND (outcome = 'denied' OR policy_result = 'denied')) AS is_judged,
        activity = 'logon' AND outcome IN ('failure', 'denied', 'abandoned', 'error') AS is_failed,
        -- "Keep me signed in?" and the like: asked on the way, opens nothing.
        activity = 'logon' AND outcome = 'interrupted'
            AND coalesce(reason, 'other') <> 'mfa_required' AS is_aside
    FROM steps
), ordered AS (
    -- One order over all flows, by plain numbers: windows over many thousands of
    -- small partitions cost ten times as much.
    SELECT
        *,
        dense_rank() OVER (ORDER BY source, account, flow_id) AS flow,
        -- Whole-second times: what was interrupted came before what was judged.
        row_number() OVER (
            ORDER BY source, account, flow_id, time,
                CASE WHEN outcome = 'interrupted' THEN 0 ELSE 1 END, shard, seq, part
        ) AS n
    FROM classed
    WHERE flow_id IS NOT NULL
), spaced AS (
    SELECT
        *,
        CASE
            WHEN lag(flow) OVER by_n = flow
                AND time <= lag(time) OVER by_n + INTERVAL '10 minutes'
                AND NOT lag(is_failed) OVER by_n THEN 0
            ELSE 1
        END AS cut
    FROM ordered
    WINDOW by_n AS (ORDER BY n)
), linked AS (
    -- The last cut, and the last sign-in before this step: odd if it succeeded.
    SELECT
        *,
        max(CASE WHEN cut = 1 THEN n END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_cut,
        max(CASE WHEN is_logon AND NOT is_aside THEN 2 * n + CASE WHEN outcome = 'success' THEN 1 ELSE 0 END END)
            OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_logon
    FROM spaced
), numbered AS (
    SELECT
        *,
        sum(CASE WHEN cut = 1 THEN 1
            WHEN is_logon AND NOT is_aside AND last_logon % 2 = 1 AND last_logon > 2 * last_cut THEN 1
            ELSE 0 END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS try_number
    FROM linked
), tries_of AS (
    SELECT
        try_number,
        min(n) AS first_n,
        max(CASE WHEN n = last_cut THEN 1 ELSE 0 END) AS began_by_cut,
        max(CASE WHEN is_judged THEN n END) AS judged_n,
        max(CASE WHEN is_answer AND outcome = 'success' THEN n END) AS answered_n,
        max(CASE
            WHEN is_prompt THEN n
            WHEN activity = 'policy_decision' AND policy_result = 'challenged' THEN n
            WHEN is_logon AND outcome = 'interrupted' AND NOT is_aside THEN n
        END) AS opened_n,
        max(CASE
            WHEN is_answer THEN n
            WHEN is_logon AND outcome <> 'success' AND is_judged THEN n
            WHEN is_logon AND outcome = 'success'
                AND mfa IN ('performed', 'claim_in_token', 'remembered', 'not_required', 'bypassed')
                THEN n
            WHEN activity = 'policy_decision' AND policy_result IN ('allowed', 'denied') THEN n
        END) AS closed_n,
        max(CASE WHEN policy_result IS NOT NULL OR policy_id IS NOT NULL THEN n END) AS policy_n,
        max(CASE WHEN outcome = 'success' AND activity <> 'challenge'
            THEN factor_rank * 1000000000 + n END) AS accepted,
        max(factor_rank * 1000000000 + n) AS asked
    FROM numbered
    GROUP BY try_number
), marks AS (
    -- A sign-in that goes on to the next one was not given up.
    SELECT
        *,
        coalesce(lead(began_by_cut) OVER (ORDER BY try_number), 1) = 0 AS goes_on
    FROM tries_of
), marked AS (
    SELECT
        s.*, m.first_n, m.judged_n, m.answered_n, m.policy_n, m.accepted, m.asked,
        m.opened_n > coalesce(m.closed_n, 0) AND NOT m.goes_on AS is_open
    FROM numbered s
    JOIN marks m ON s.try_number = m.try_number
), flows AS (
    SELECT
        max(CASE WHEN n = first_n THEN shard END) AS shard,
        max(CASE WHEN n = first_n THEN seq END) AS seq,
        max(CASE WHEN n = first_n THEN part END) AS part,
        min(time) AS started,
        coalesce(max(CASE WHEN n = judged_n THEN time END), max(time)) AS ended,
        max(source) AS source,
        max(user_name) AS user_name,
        max(user_id) AS user_id,
        max(user_type) AS user_type,
        max(flow_id) AS flow_id,
        max(session_id) AS session_id,
        coalesce(max(CASE WHEN is_logon THEN platform END), max(platform)) AS platform,
        coalesce(max(CASE WHEN is_logon THEN service END), max(service)) AS service,
        coalesce(max(CASE WHEN is_logon THEN operation END), max(operation)) AS operation,
        max(environment) AS environment,
        max(protocol) AS protocol,
        max(CASE WHEN is_logon THEN credential END) AS credential,
        CASE
            WHEN bool_or(is_open) THEN 'abandoned'
            ELSE coalesce(
                max(CASE WHEN n = judged_n THEN
                    CASE WHEN activity = 'policy_decision' THEN 'denied' ELSE outcome END END),
                max(CASE WHEN outcome = 'interrupted' THEN 'interrupted' END),
                'unknown')
        END AS outcome,
        max(CASE WHEN n = judged_n THEN reason END) AS reason,
        max(CASE WHEN n = judged_n THEN reason_raw END) AS reason_raw,
        bool_or(interactive) AS interactive,
        bool_or(mfa = 'performed' AND outcome = 'success') AS performed,
        bool_or(mfa = 'claim_in_token') AS claimed,
        bool_or(mfa = 'remembered') AS remembered,
        bool_or(mfa = 'bypassed') AS bypassed,
        bool_or(mfa = 'abandoned') AS given_up,
        bool_or(mfa = 'none') AS single,
        bool_or(mfa = 'not_required') AS not_required,
        max(CASE WHEN factor_rank * 1000000000 + n = accepted THEN factor END) AS accepted_factor,
        max(CASE WHEN factor_rank * 1000000000 + n = asked THEN factor END) AS asked_factor,
        bool_or(CASE WHEN outcome = 'success' AND activity <> 'challenge'
            THEN phishing_resistant END) AS phishing_resistant,
        greatest(
            sum(CASE WHEN is_prompt THEN 1 ELSE 0 END),
            sum(CASE WHEN is_answer THEN 1 ELSE 0 END),
            max(CASE WHEN is_logon AND (mfa IN ('performed', 'abandoned')
                OR reason IN ('factor_denied', 'factor_timeout', 'factor_failed'))
                THEN 1 ELSE 0 END)
        ) AS prompts,
        sum(CASE WHEN activity IN ('verify', 'logon') AND outcome IN ('failure', 'denied')
            THEN 1 ELSE 0 END) AS refusals,
        count(*) AS steps,
        max(CASE WHEN n = answered_n THEN epoch_ms(time) END)
            - max(CASE WHEN is_prompt AND n < answered_n THEN epoch_ms(time) END)
            AS prompt_to_response_ms,
        max(duration_ms) AS said_ms,
        max(CASE WHEN duration_ms IS NOT NULL THEN duration_basis END) AS said_basis,
        max(CASE WHEN n = policy_n THEN policy_id END) AS policy_id,
        max(CASE WHEN n = policy_n THEN policy_name END) AS policy_name,
        max(CASE WHEN n = policy_n THEN policy_mode END) AS policy_mode,
        max(CASE WHEN n = policy_n THEN policy_result END) AS policy_result,
        bool_or(policy_result = 'challenged') AS policy_challenged,
        bool_or(blocked) AS blocked,
        coalesce(max(CASE WHEN n = judged_n THEN ip END), max(ip)) AS ip,
        coalesce(max(CASE WHEN n = judged_n THEN country END), max(country)) AS country,
        coalesce(max(CASE WHEN n = judged_n THEN asn END), max(asn)) AS asn,
        bool_or(is_proxy) AS is_proxy,
        max(device_id) AS device_id,
        bool_or(device_managed) AS device_managed,
        max(CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered', 'bypassed')
            AND outcome = 'success'
            THEN lpad(CAST(n AS VARCHAR), 9, '0') || CAST(shard AS VARCHAR) || '-'
                || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR) END) AS numbered_proof
    FROM marked
    GROUP BY try_number
    -- A policy that is only looked at again is nobody's try.
    HAVING bool_or(activity <> 'policy_decision' OR is_judged)
), ended_flows AS (
    SELECT *, CASE WHEN outcome = 'success' THEN accepted_factor ELSE asked_factor END AS factor
    FROM flows
), single AS (
    SELECT
        *,
        CASE WHEN mfa IN ('performed', 'abandoned')
            OR reason IN ('factor_denied', 'factor_timeout', 'factor_failed') THEN 1 ELSE 0
        END AS prompts_asked
    FROM steps
    WHERE flow_id IS NULL AND activity = 'logon'
)
SELECT
    shard, seq, part, started, ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, operation, environment, protocol, credential, outcome, reason, reason_raw,
    interactive,
    CASE
        WHEN performed THEN 'performed'
        WHEN claimed THEN 'claim_in_token'
        WHEN remembered THEN 'remembered'
        WHEN bypassed THEN 'bypassed'
        WHEN given_up OR outcome = 'abandoned' THEN 'abandoned'
        WHEN single THEN 'none'
        WHEN not_required THEN 'not_required'
        ELSE 'unknown'
    END AS mfa,
    substr(numbered_proof, 10) AS proof,
    factor,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 5
        WHEN factor = 'push_number' THEN 4
        WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 3
        WHEN factor IN ('sms', 'voice') THEN 2
        WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 1
        WHEN factor = 'password' THEN 0
    END AS strength,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN true
        WHEN phishing_resistant IS NOT NULL THEN phishing_resistant
        WHEN factor NOT IN ('other', 'unknown') THEN false
    END AS phishing_resistant,
    CAST(prompts AS BIGINT) AS prompts,
    CAST(refusals AS BIGINT) AS refusals,
    CAST(steps AS BIGINT) AS steps,
    CAST(prompt_to_response_ms AS BIGINT) AS prompt_to_response_ms,
    CASE
        WHEN outcome <> 'success' THEN NULL
        WHEN said_ms IS NOT NULL AND steps = 1 THEN said_ms
        WHEN steps > 1 THEN epoch_ms(ended) - epoch_ms(started)
    END AS duration_ms,
    CASE
        WHEN outcome <> 'success' THEN NULL
        WHEN said_ms IS NOT NULL AND steps = 1 THEN said_basis
        WHEN steps > 1 THEN 'step_times'
    END AS duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed
FROM ended_flows
UNION ALL
SELECT
    shard, seq, part, time AS started, time AS ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, operation, environment, protocol, credential, outcome, reason, reason_raw,
    interactive,
    mfa,
    CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered', 'bypassed')
        THEN CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
    END,
    factor,
    CASE WHEN factor_rank >= 2 THEN factor_rank - 1 WHEN factor_rank = 0 THEN 0 END,
    CASE
        WHEN factor_rank = 6 THEN true
        WHEN phishing_resistant IS NOT NULL THEN phishing_resistant
        WHEN factor_rank <> 1 THEN false
    END,
    CAST(prompts_asked AS BIGINT),
    CAST(CASE WHEN outcome IN ('failure', 'denied') THEN 1 ELSE 0 END AS BIGINT),
    CAST(1 AS BIGINT),
    CAST(NULL AS BIGINT),
    CASE WHEN outcome = 'success' THEN duration_ms END,
    CASE WHEN outcome = 'success' AND duration_ms IS NOT NULL THEN duration_basis END,
    policy_id, policy_name, policy_mode, policy_result,
    policy_result = 'challenged', blocked,
    ip, country, asn, is_proxy, device_id, device_managed
FROM single;

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
CREATE OR REPLACE TEMP VIEW attempts AS
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
FROM judged;
