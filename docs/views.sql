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
SET VARIABLE vendor_policies_files = (
    SELECT list(path) FROM live_files WHERE table_name = 'vendor_policies'
);
SET VARIABLE policies_files = (SELECT list(path) FROM live_files WHERE table_name = 'policies');
SET VARIABLE annotations_files = (
    SELECT list(path) FROM live_files WHERE table_name = 'annotations'
);

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

-- Not everyone has snapshots of policies, policies of their own, or marked times: without a
-- file each is a table without rows.
CREATE OR REPLACE TEMP VIEW vendor_policies_all AS
SELECT * FROM query(
    CASE
        WHEN getvariable('vendor_policies_files') IS NULL THEN '
            SELECT
                CAST(NULL AS TIMESTAMPTZ) AS taken,
                CAST(NULL AS DATE) AS as_of,
                CAST(NULL AS TEXT) AS source,
                CAST(NULL AS TEXT) AS account,
                CAST(NULL AS TEXT) AS kind,
                CAST(NULL AS TEXT) AS policy_id,
                CAST(NULL AS TEXT) AS parent_id,
                CAST(NULL AS TEXT) AS name,
                CAST(NULL AS TEXT) AS state,
                CAST(NULL AS TEXT) AS raw,
                CAST(NULL AS TEXT) AS sha256,
                CAST(NULL AS TEXT) AS reason
            WHERE false'
        ELSE 'SELECT * FROM read_parquet(getvariable(''vendor_policies_files''))'
    END
);

CREATE OR REPLACE TEMP VIEW policies_all AS
SELECT * FROM query(
    CASE
        WHEN getvariable('policies_files') IS NULL THEN '
            SELECT
                CAST(NULL AS TIMESTAMPTZ) AS loaded,
                CAST(NULL AS TEXT) AS policy,
                CAST(NULL AS INTEGER) AS version,
                CAST(NULL AS TEXT) AS sha256,
                CAST(NULL AS TEXT) AS part,
                CAST(NULL AS INTEGER) AS number,
                CAST(NULL AS TEXT) AS name,
                CAST(NULL AS TEXT) AS text,
                CAST(NULL AS TEXT) AS owner,
                CAST(NULL AS TEXT) AS approved_by,
                CAST(NULL AS TEXT) AS control,
                CAST(NULL AS TIMESTAMPTZ) AS effective,
                CAST(NULL AS TEXT) AS phase,
                CAST(NULL AS TEXT) AS cohorts,
                CAST(NULL AS BOOLEAN) AS floor,
                CAST(NULL AS TEXT) AS requirement,
                CAST(NULL AS TEXT) AS otherwise,
                CAST(NULL AS TEXT) AS who,
                CAST(NULL AS TEXT) AS reason,
                CAST(NULL AS TEXT) AS ticket,
                CAST(NULL AS DATE) AS expires,
                CAST(NULL AS TEXT) AS source,
                CAST(NULL AS TEXT) AS vendor_id,
                CAST(NULL AS TEXT) AS measure,
                CAST(NULL AS INTEGER) AS target_permille,
                CAST(NULL AS DATE) AS due
            WHERE false'
        ELSE 'SELECT * FROM read_parquet(getvariable(''policies_files''))'
    END
);

CREATE OR REPLACE TEMP VIEW annotations_all AS
SELECT * FROM query(
    CASE
        WHEN getvariable('annotations_files') IS NULL THEN '
            SELECT
                CAST(NULL AS TIMESTAMPTZ) AS imported,
                CAST(NULL AS TEXT) AS import_sha256,
                CAST(NULL AS TEXT) AS kind,
                CAST(NULL AS TEXT) AS title,
                CAST(NULL AS TIMESTAMPTZ) AS begins,
                CAST(NULL AS TIMESTAMPTZ) AS ends,
                CAST(NULL AS TEXT) AS source,
                CAST(NULL AS TEXT) AS service,
                CAST(NULL AS TEXT) AS note
            WHERE false'
        ELSE 'SELECT * FROM read_parquet(getvariable(''annotations_files''))'
    END
);
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

-- Records of rollcall's own are JSON in UTF-8.
CREATE OR REPLACE TEMP MACRO raw_text(raw) AS decode(raw);
CREATE OR REPLACE TEMP MACRO json_text(object, name) AS
    json_extract_string(object, '$."' || name || '"');

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
-- key_events  Those that worked by an SSH key, a deploy key, an access key or a token, with no MFA told behind it.
-- last_key_time, last_key_event  Time of the last of these, and which it is, as shard-seq-part.
CREATE OR REPLACE TEMP VIEW account_days AS
WITH named AS (
    SELECT
        shard, seq, part, source, user_name, time, interactive, credential, user_type,
        outcome = 'success' AND mfa NOT IN ('performed', 'claim_in_token')
            AND credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token') AS by_key,
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
    bool_or(credential IN ('app', 'access_key', 'deploy_key')) AS machine_credential,
    CAST(sum(CASE WHEN by_key THEN 1 ELSE 0 END) AS BIGINT) AS key_events,
    max(CASE WHEN by_key THEN time END) AS last_key_time,
    -- 16 digits of milliseconds before the event, so that the text sorts by time.
    substr(max(CASE WHEN by_key THEN CAST(1000000000000000 + epoch_ms(time) AS VARCHAR)
        || CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
    END), 17) AS last_key_event
FROM named
GROUP BY 1, 2, 3;

-- Times that somebody marked, as the latest import has them; every import is in
-- annotations_all.
-- columns:
-- kind  release, freeze, drill, outage or sandbox.
-- begins, ends  From when until when, exclusively; a moment has no end.
-- source, service  What it is about; null: everything.
CREATE OR REPLACE TEMP VIEW annotations AS
WITH latest AS (
    SELECT max(imported) AS imported FROM annotations_all
)
SELECT a.kind, a.title, a.begins, a.ends, a.source, a.service, a.note, a.imported
FROM annotations_all a
JOIN latest l ON a.imported = l.imported;

-- The marked times by the UTC hours that they touch, one row an hour, so that what lies
-- in them is found by equal keys and can be left out of a figure:
--     LEFT JOIN annotated_hours h
--         ON h.hour_ms = epoch_ms(started) - epoch_ms(started) % 3600000
--         AND started >= h.begins AND started < h.ends
--         AND (h.source IS NULL OR h.source = attempts.source)
--     WHERE h.kind IS NULL
-- A time that goes on for more than 416 days is cut there; moments aren't here.
-- columns:
-- hour_ms  Start of the hour, in milliseconds since 1970 UTC.
-- begins, ends  From when until when the whole is marked, exclusively.
-- source, service  What it is about; null: everything.
CREATE OR REPLACE TEMP VIEW annotated_hours AS
WITH digits(digit) AS (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
), numbers AS (
    SELECT CAST(1000 * a.digit + 100 * b.digit + 10 * c.digit + d.digit AS BIGINT) AS number
    FROM digits a
    CROSS JOIN digits b
    CROSS JOIN digits c
    CROSS JOIN digits d
), spans AS (
    SELECT
        kind, title, begins, ends, source, service,
        epoch_ms(begins) - epoch_ms(begins) % 3600000 AS first_ms,
        epoch_ms(ends) AS end_ms
    FROM annotations
    WHERE ends IS NOT NULL
)
SELECT
    s.kind, s.title, s.begins, s.ends, s.source, s.service,
    s.first_ms + n.number * 3600000 AS hour_ms
FROM spans s
CROSS JOIN numbers n
WHERE s.first_ms + n.number * 3600000 < s.end_ms;

-- Where each event came from. Where its source tells a place, that one stands, as
-- it came; else what the GeoIP databases of the configuration say of its address
-- today (docs/geoip.md): this is never stored, and another database may say another
-- thing. The two are never mixed within a place (country, region, city, coordinates), nor
-- within a network (number, name): where the source tells any of it, the rest is null.
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
            OR lon_e6 IS NOT NULL AS by_vendor,
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
-- A file is the whole directory: whom it doesn't have is gone. A change by SCIM is
-- of the people that it names, and leaves the others as they are.
-- Imports that say the same of a login follow each other as one row. valid_to
-- is the last day on which a login counts. A login with a * is a rule: it stands
-- for every login that begins and ends so.
-- columns:
-- source  Source that the login is of; * is every source.
-- login  The login, lower-cased.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
CREATE OR REPLACE TEMP VIEW logins AS
WITH imports AS (
    SELECT
        imported,
        row_number() OVER (ORDER BY imported) AS number,
        min(CASE WHEN is_whole THEN imported END) OVER (
            ORDER BY imported ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS next_whole
    FROM (
        SELECT imported, bool_and(import_sha256 NOT LIKE 'scim-%') AS is_whole
        FROM people_all
        GROUP BY imported
    )
), told AS (
    SELECT
        id, imported,
        lead(imported) OVER (PARTITION BY id ORDER BY imported) AS told_again
    FROM (SELECT DISTINCT id, imported FROM people_all)
), rows_of AS (
    SELECT
        p.source,
        lower(p.login) AS login,
        p.id AS person,
        p.name, p.kind, p.privileged, p.team, p.manager, p.role, p.cohort, p.time_zone,
        p.invited_on,
        p.imported,
        i.number,
        CASE WHEN t.told_again < i.next_whole THEN t.told_again
            ELSE coalesce(i.next_whole, t.told_again) END AS next_imported,
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
    JOIN told t ON t.id = p.id AND t.imported = p.imported
), changes AS (
    SELECT
        *,
        lag(number) OVER login AS before,
        CASE WHEN lag(next_imported) OVER login = imported AND lag(says) OVER login = says
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
-- that before the same e-mail address at another source, and that before a rule
-- (a login with a *, for accounts that are no person's). Rows of one account
-- never overlap in time.
-- columns:
-- login  The account's login, lower-cased, as events name it in user_name.
-- person  The directory's id of the person; null where it knows none.
-- kind  human, service, shared, break_glass or unknown; from the directory.
-- matched_by  source, any_source, email or rule: how the directory's login fits.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
CREATE OR REPLACE TEMP VIEW accounts AS
WITH seen AS (
    SELECT DISTINCT source, login FROM logins_seen
), rules AS (
    SELECT * FROM logins WHERE strpos(login, '*') > 0
), candidates AS (
    SELECT
        s.source AS at_source,
        s.login AS at_login,
        CASE WHEN l.source = s.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    JOIN logins l ON l.login = s.login
    WHERE strpos(l.login, '*') = 0
        AND (l.source = s.source OR l.source = '*' OR strpos(l.login, '@') > 0)
    UNION ALL
    SELECT
        s.source AS at_source,
        s.login AS at_login,
        CASE WHEN l.source = s.source THEN 4 ELSE 5 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    CROSS JOIN rules l
    WHERE (l.source = s.source OR l.source = '*')
        AND length(s.login) >= length(l.login) - 1
        AND left(s.login, length(split_part(l.login, '*', 1))) = split_part(l.login, '*', 1)
        AND right(s.login, length(split_part(l.login, '*', 2))) = split_part(l.login, '*', 2)
), cuts AS (
    SELECT at_source, at_login, starts AS cut FROM candidates
    UNION
    SELECT at_source, at_login, ends AS cut FROM candidates
), slices AS (
    SELECT
        at_source, at_login, cut AS slice_from,
        lead(cut) OVER (PARTITION BY at_source, at_login ORDER BY cut) AS slice_to
    FROM cuts
), chosen AS (
    SELECT
        c.*,
        s.slice_from,
        s.slice_to,
        row_number() OVER (
            PARTITION BY s.at_source, s.at_login, s.slice_from
            ORDER BY c.priority, c.starts DESC, c.source, c.person
        ) AS choice
    FROM slices s
    JOIN candidates c ON c.at_source = s.at_source AND c.at_login = s.at_login
    WHERE c.starts <= s.slice_from AND c.ends >= s.slice_to
)
SELECT
    at_source AS source,
    at_login AS login,
    person, name, kind, privileged, team, manager, role, cohort, time_zone,
    CASE priority WHEN 1 THEN 'source' WHEN 2 THEN 'any_source' WHEN 3 THEN 'email' ELSE 'rule' END
        AS matched_by,
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

-- The directory as it stands, one row per person, with when the person was first
-- and last told of: by the latest file, which is the whole directory, and by SCIM's
-- changes since. Everything that was ever told is in people_all.
-- columns:
-- id  The directory's id.
-- kind  human, service, shared, break_glass or unknown.
-- privileged  Whether any of the logins is privileged.
-- logins  Number of logins.
-- first_imported, last_imported  First and latest import or change that had the person.
CREATE OR REPLACE TEMP VIEW people AS
WITH whole AS (
    SELECT max(CASE WHEN import_sha256 NOT LIKE 'scim-%' THEN imported END) AS imported
    FROM people_all
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
JOIN history h ON p.id = h.id AND p.imported = h.last_imported
CROSS JOIN whole w
WHERE w.imported IS NULL OR p.imported >= w.imported
GROUP BY p.id;

-- The organisation's own policies, one row per version that was loaded, with when it
-- came into force: where one of its policies at a vendor was changed around the planned
-- instant (from a day before it until a day before the next version's), that change is
-- when it did; else the plan stands.
-- columns:
-- policy  Its id.
-- text  The file as it was loaded.
-- sha256  SHA-256 of the text.
-- phase  report_only, pilot or enforced.
-- cohorts  Whom a pilot binds, separated by a space.
-- control  Controls that it serves, separated by commas.
-- floor  Whether no exception may lower it.
-- effective  From when it should count, as the file says.
-- effective_at  From when it does.
-- effective_by  vendor or plan.
-- until  When the next version takes over; null: none does yet.
-- latest  Whether no later version was loaded.
CREATE OR REPLACE TEMP VIEW policies AS
WITH versions AS (
    SELECT
        loaded, policy, version, name AS title, text, sha256, owner, approved_by, control,
        effective, phase, cohorts, floor,
        lead(effective) OVER (PARTITION BY policy ORDER BY effective, version) AS next_effective,
        max(version) OVER (PARTITION BY policy) AS newest
    FROM policies_all
    WHERE part = 'policy'
), changes AS (
    SELECT source, policy_id, time
    FROM events
    WHERE activity = 'policy_change' AND outcome = 'success' AND source <> 'rollcall'
        AND policy_id IS NOT NULL
), mapped AS (
    SELECT policy, version, source, vendor_id FROM policies_all WHERE part = 'vendor'
), told AS (
    SELECT v.policy, v.version, min(c.time) AS changed
    FROM versions v
    JOIN mapped m ON m.policy = v.policy AND m.version = v.version
    JOIN changes c ON c.source = m.source AND c.policy_id = m.vendor_id
    WHERE c.time >= v.effective - INTERVAL '1 day'
        AND (v.next_effective IS NULL OR c.time < v.next_effective - INTERVAL '1 day')
    GROUP BY v.policy, v.version
), dated AS (
    SELECT
        v.*,
        coalesce(t.changed, v.effective) AS effective_at,
        CASE WHEN t.changed IS NULL THEN 'plan' ELSE 'vendor' END AS effective_by
    FROM versions v
    LEFT JOIN told t ON t.policy = v.policy AND t.version = v.version
)
SELECT
    policy, version, title, phase, cohorts, owner, approved_by, control, floor,
    effective, effective_at, effective_by,
    lead(effective_at) OVER (PARTITION BY policy ORDER BY effective, version) AS until,
    version = newest AS latest,
    loaded, text, sha256
FROM dated;

-- What the policies in force say of each access, one row per access and policy that has a
-- rule for it, and one per critical access that no rule of a policy is for. A version
-- counts from its effective_at on. Nothing is supposed: who would have been challenged
-- and would have answered has not verified, here. rollcall computes this view from the
-- policies' own conditions, by day; another engine that reads this file sees it without
-- rows.
-- columns:
-- kind  sign_in or operation.
-- outcome  success or unknown: it went through; denied or abandoned: it didn't.
-- who  The person, else source and login.
-- phase  report_only, pilot or enforced: the version's.
-- bound  Whether the version bound whoever it was: it is enforced, or a pilot for one of their groups.
-- rule  The number of the first rule that is for it, from 1; null: none is.
-- requirement  What the rule asks for, in words.
-- result  pass, challenge, deny, cannot_tell, excepted or not_applied.
-- without_exception  The same without exceptions.
-- exception  Whom the exception that fits is for, also one that has lapsed.
-- lapsed  Whether that exception's last day was over.
-- before  What the version before says; null where there is none.
-- verified_at  When the verification was that the rule accepted.
-- critical  Whether it is critical.
-- critical_rule  By which [[critical]] rule.
-- policy_named  Whether the source named one of the policy's counterparts at the vendor.
-- vendor_mode, vendor_result  What the vendor said of its own policy.
CREATE OR REPLACE TEMP VIEW policy_decisions AS
SELECT
    CAST(NULL AS TIMESTAMP) AS time,
    CAST(NULL AS INTEGER) AS shard, CAST(NULL AS BIGINT) AS seq, CAST(NULL AS INTEGER) AS part,
    CAST(NULL AS VARCHAR) AS kind, CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS login,
    CAST(NULL AS VARCHAR) AS who, CAST(NULL AS VARCHAR) AS person, CAST(NULL AS VARCHAR) AS name,
    CAST(NULL AS VARCHAR) AS account_kind, CAST(NULL AS VARCHAR) AS team,
    CAST(NULL AS VARCHAR) AS role, CAST(NULL AS VARCHAR) AS cohort,
    CAST(NULL AS VARCHAR) AS platform, CAST(NULL AS VARCHAR) AS service,
    CAST(NULL AS VARCHAR) AS environment, CAST(NULL AS VARCHAR) AS pipeline,
    CAST(NULL AS VARCHAR) AS operation, CAST(NULL AS VARCHAR) AS factor,
    CAST(NULL AS VARCHAR) AS country, CAST(NULL AS BOOLEAN) AS device_managed,
    CAST(NULL AS VARCHAR) AS outcome,
    CAST(NULL AS VARCHAR) AS policy, CAST(NULL AS INTEGER) AS version,
    CAST(NULL AS VARCHAR) AS phase, CAST(NULL AS BOOLEAN) AS bound,
    CAST(NULL AS INTEGER) AS rule, CAST(NULL AS VARCHAR) AS rule_name,
    CAST(NULL AS VARCHAR) AS requirement, CAST(NULL AS VARCHAR) AS result,
    CAST(NULL AS VARCHAR) AS without_exception, CAST(NULL AS VARCHAR) AS exception,
    CAST(NULL AS BOOLEAN) AS lapsed, CAST(NULL AS VARCHAR) AS before,
    CAST(NULL AS TIMESTAMP) AS verified_at,
    CAST(NULL AS BOOLEAN) AS critical, CAST(NULL AS VARCHAR) AS critical_rule,
    CAST(NULL AS BOOLEAN) AS policy_named, CAST(NULL AS VARCHAR) AS vendor_mode,
    CAST(NULL AS VARCHAR) AS vendor_result
WHERE false;

-- Exceptions of policies, one row per exception of a policy's latest version: who, until
-- when, and whether it was needed. An exception counts through its last day, UTC.
-- columns:
-- policy, version, number  The policy, its latest version, the exception's place in it.
-- who  Whom it excepts: person:, service:, team:, role:, cohort:, login:, account:, pipeline: or kind: and a name.
-- expires  Its last day.
-- state  open, expiring (at most 30 days left) or expired.
-- uses  Accesses that it let through.
-- last_used  When the last of them was.
-- uses_after_expiry  Accesses since its last day that it would have let through.
CREATE OR REPLACE TEMP VIEW exceptions AS
WITH latest AS (
    SELECT policy, max(version) AS version FROM policies_all GROUP BY policy
), used AS (
    SELECT
        policy, exception AS excepted,
        count(*) AS decisions,
        sum(CASE WHEN result = 'excepted' THEN 1 ELSE 0 END) AS uses,
        max(CASE WHEN result = 'excepted' THEN time END) AS last_used,
        sum(CASE WHEN lapsed THEN 1 ELSE 0 END) AS uses_after_expiry
    FROM policy_decisions
    WHERE exception IS NOT NULL AND outcome IN ('success', 'unknown')
    GROUP BY policy, exception
)
SELECT
    e.policy, e.version, e.number, e.who, e.reason, e.ticket, e.expires,
    CASE
        WHEN e.expires < current_date THEN 'expired'
        WHEN e.expires < current_date + INTERVAL '31 days' THEN 'expiring'
        ELSE 'open'
    END AS state,
    CAST(coalesce(u.uses, 0) AS BIGINT) AS uses,
    u.last_used,
    CAST(coalesce(u.uses_after_expiry, 0) AS BIGINT) AS uses_after_expiry
FROM policies_all e
JOIN latest l ON l.policy = e.policy AND l.version = e.version
LEFT JOIN used u ON u.policy = e.policy AND u.excepted = e.who
WHERE e.part = 'exception';

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
-- over_15_minutes  Of them those that came in over 15 minutes after they happened, to the millisecond.
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
        CAST(sum(CASE WHEN in_ms - at_ms > 900000 THEN 1 ELSE 0 END) AS BIGINT) AS over_15_minutes,
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
    lag_ms, events, over_15_minutes, first_time, last_time, first_received, last_received
FROM grouped;

-- What people did about alerts, one row per step: events of the source rollcall.
-- columns:
-- alert  The alert's key.
-- who  Who did it.
-- action  acknowledge, assign, note, close or suppress.
-- assignee  To whom it was given.
-- verdict  How it was closed: true, false or benign.
-- until  Until when its detector is not to be looked at about its subject.
-- note  Why, in their words.
-- done  When rollcall took it down.
-- shard, seq, part  Position of the event.
CREATE OR REPLACE TEMP VIEW triage AS
WITH said AS (
    SELECT
        shard, seq, part, received, flow_id, actor, reason_raw,
        raw_text(raw) AS record
    FROM events
    WHERE source = 'rollcall' AND operation = 'triage'
)
SELECT
    flow_id AS alert,
    actor AS who,
    json_text(record, 'action') AS action,
    json_text(record, 'assignee') AS assignee,
    json_text(record, 'verdict') AS verdict,
    CAST(json_text(record, 'until') AS TIMESTAMP) AS until,
    reason_raw AS note,
    received AS done,
    shard, seq, part
FROM said;

-- What detectors raised, one row per alert as its last update has it, and what came of it.
-- An alert is one incident. Updates and what people did are events of the source rollcall.
-- columns:
-- alert  Its key: the detector, its form, and the first event that proves it.
-- detector, form  What raised it (docs/detectors.md).
-- severity  low, medium, high or critical; severity_rank is 0 to 3.
-- about, subject  What it is about: a person, account, address, source, session, factor or policy.
-- state  new, acknowledged (or assigned) or closed; one that got more severe after it was closed is new.
-- verdict  How it was closed: true, false or benign.
-- assignee  To whom it was given last.
-- suppressed_until  Until when its detector is not to be looked at about its subject.
-- raised  When rollcall raised it.
-- raised_by  Time of the event that completed it.
-- first_event, last_event  Times of the first event that proves it and of the one behind the last update.
-- updates  Number of the last update.
-- events_counted  How much was counted; the observation says what.
-- observation, baseline, next_step  What was found, what it was compared with, what to do.
-- evidence  Events that prove it, as a JSON list of shard-seq-part, oldest first; more_evidence counts others.
-- notes  Notes that people wrote.
-- shard, seq, part  Position of the last update.
CREATE OR REPLACE TEMP VIEW alerts AS
WITH said AS (
    SELECT
        shard, seq, part, time, received, flow_id AS alert, resource, reason_raw,
        raw_text(raw) AS record
    FROM events
    WHERE source = 'rollcall' AND operation = 'alert'
), told AS (
    SELECT
        *,
        CAST(json_text(record, 'update') AS BIGINT) AS number,
        CAST(json_text(record, 'severity_rank') AS BIGINT) AS severity_rank,
        json_text(record, 'detector') AS detector
    FROM said
), ordered AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY alert ORDER BY number DESC, received DESC) AS age,
        min(received) OVER (PARTITION BY alert) AS raised,
        min(time) OVER (PARTITION BY alert) AS raised_by
    FROM told
), newest AS (
    SELECT * FROM ordered WHERE age = 1
), steps AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY alert, action ORDER BY done DESC, seq DESC) AS age
    FROM triage
), closed AS (
    SELECT alert, verdict, done FROM steps WHERE action = 'close' AND age = 1
), since AS (
    -- How severe it was up to its end, and how severe it got afterwards.
    SELECT
        t.alert,
        max(CASE WHEN t.received <= c.done THEN t.severity_rank END) AS until_then,
        max(CASE WHEN t.received > c.done THEN t.severity_rank END) AS afterwards
    FROM told t
    JOIN closed c ON c.alert = t.alert
    GROUP BY t.alert
), handled AS (
    SELECT
        alert,
        max(CASE WHEN action IN ('acknowledge', 'assign') THEN 1 ELSE 0 END) AS is_looked_at,
        max(CASE WHEN action = 'assign' AND age = 1 THEN assignee END) AS assignee,
        sum(CASE WHEN note IS NOT NULL THEN 1 ELSE 0 END) AS notes
    FROM steps
    GROUP BY alert
), suppressed AS (
    SELECT n.detector, n.resource, max(s.until) AS until
    FROM steps s
    JOIN newest n ON n.alert = s.alert
    WHERE s.action = 'suppress' AND s.age = 1
    GROUP BY n.detector, n.resource
)
SELECT
    n.alert,
    n.detector,
    json_text(n.record, 'form') AS form,
    json_text(n.record, 'severity') AS severity,
    n.severity_rank,
    json_text(n.record, 'about') AS about,
    n.resource AS subject,
    CASE
        WHEN c.alert IS NOT NULL AND NOT coalesce(i.afterwards > i.until_then, false) THEN 'closed'
        WHEN c.alert IS NULL AND h.is_looked_at = 1 THEN 'acknowledged'
        ELSE 'new'
    END AS state,
    CASE WHEN NOT coalesce(i.afterwards > i.until_then, false) THEN c.verdict END AS verdict,
    h.assignee,
    s.until AS suppressed_until,
    n.raised,
    n.raised_by,
    CAST(json_text(n.record, 'first') AS TIMESTAMP) AS first_event,
    n.time AS last_event,
    n.number AS updates,
    CAST(json_text(n.record, 'count') AS BIGINT) AS events_counted,
    n.reason_raw AS observation,
    json_text(n.record, 'baseline') AS baseline,
    json_text(n.record, 'next_step') AS next_step,
    json_text(n.record, 'evidence') AS evidence,
    CAST(json_text(n.record, 'more_evidence') AS BIGINT) AS more_evidence,
    CAST(coalesce(h.notes, 0) AS BIGINT) AS notes,
    n.shard, n.seq, n.part
FROM newest n
LEFT JOIN closed c ON c.alert = n.alert
LEFT JOIN since i ON i.alert = n.alert
LEFT JOIN handled h ON h.alert = n.alert
LEFT JOIN suppressed s ON s.detector = n.detector AND s.resource = n.resource;

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
--
-- Vault's flow is a request: its account may be known only from the response, so
-- that the key alone makes it. Teleport gives a challenge and its answer no id in
-- common: a person's challenges, answers and local sign-ins are one flow, and the
-- next challenge after one that was met begins a new try.
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
-- resource  What was reached: at AWS the account or role, at GitHub the organisation.
-- started, ended  Time of the first and of the judged step.
-- shard, seq, part  Position of the first step.
CREATE OR REPLACE TEMP VIEW tries AS
WITH steps AS (
    SELECT
        shard, seq, part, time, source,
        CASE WHEN source = 'vault' THEN '' ELSE coalesce(user_name, user_id, '') END AS account,
        coalesce(flow_id, CASE
            WHEN source = 'teleport' AND user_name IS NOT NULL AND (
                operation IN ('mfa_auth_challenge.create', 'mfa_auth_challenge.validate')
                OR (operation = 'user.login' AND protocol IS NULL)) THEN 'mfa'
        END) AS flow_key,
        user_name, user_id, user_type, flow_id, session_id,
        activity, outcome, reason, reason_raw, operation, interactive,
        platform, service, resource, environment, protocol, credential, mfa, factor,
        phishing_resistant, duration_ms, duration_basis,
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
        outcome = 'success' AND (activity = 'logon' OR (activity = 'verify' AND beside_password))
            AS is_met,
        -- "Keep me signed in?" and the like: asked on the way, opens nothing.
        activity = 'logon' AND outcome = 'interrupted'
            AND coalesce(reason, 'other') <> 'mfa_required' AS is_aside
    FROM steps
), ordered AS (
    -- One order over all flows, by plain numbers: windows over many thousands of
    -- small partitions cost ten times as much.
    SELECT
        *,
        dense_rank() OVER (ORDER BY source, account, flow_key) AS flow,
        -- Whole-second times: what was interrupted came before what was judged.
        row_number() OVER (
            ORDER BY source, account, flow_key, time,
                CASE WHEN outcome = 'interrupted' THEN 0 ELSE 1 END, shard, seq, part
        ) AS n
    FROM classed
    WHERE flow_key IS NOT NULL
), spaced AS (
    SELECT
        *,
        CASE
            WHEN lag(flow) OVER by_n = flow
                AND time <= lag(time) OVER by_n + INTERVAL '10 minutes'
                AND NOT lag(is_failed) OVER by_n
                AND NOT (flow_id IS NULL AND is_prompt AND lag(is_met) OVER by_n) THEN 0
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
        coalesce(max(CASE WHEN is_logon THEN resource END), max(resource)) AS resource,
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
    WHERE flow_key IS NULL AND activity = 'logon'
)
SELECT
    shard, seq, part, started, ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, outcome, reason, reason_raw,
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
        -- Vault's two are the request's arrival and its answer.
        WHEN steps > 1 AND source = 'vault' THEN 'server_time'
        WHEN steps > 1 THEN 'step_times'
    END AS duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed
FROM ended_flows
UNION ALL
SELECT
    shard, seq, part, time AS started, time AS ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, outcome, reason, reason_raw,
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

-- Tries, with whose account it is and with what they can have to do with tries
-- elsewhere: the person by whom two sources' tries are compared, and which
-- service a sign-in to an application of an identity provider leads to. The view
-- applications lists the latter.
--
-- Applications are known by the names that Okta's catalogue and Entra's gallery
-- give them, and at Keycloak by the service's own SAML entity id, which AWS and
-- GitHub publish. A label of one's own that begins with none of them leads
-- nowhere: what isn't known proves nothing. Google, Teleport and Vault publish no
-- id that is the same everywhere: there a client that Keycloak's administrator
-- named for them counts, since a client id is an administrator's to give.
-- columns:
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- who  The person, else the login: what two sources' tries are compared by.
-- leads_to  Source whose sign-ins can follow this one; null where none is known.
-- leads_to_resource  The one organisation that it leads to, where the application names it.
-- federated  Whether the service takes an identity provider's word for who it is.
-- arrives  Whether that sign-in succeeded and says nothing of MFA itself: the provider may prove it.
CREATE OR REPLACE TEMP VIEW tries_of_people AS
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
        coalesce('person ' || a.person, 'login ' || t.user_name) AS who,
        CASE WHEN t.source IN ('okta', 'entra', 'keycloak')
            OR (t.source = 'google_workspace' AND t.service <> 'Google Workspace')
            THEN lower(t.service) END AS application,
        coalesce(CASE
            WHEN t.source = 'cloudtrail' THEN coalesce(t.interactive, true)
                AND coalesce(t.credential, 'unknown') IN ('session', 'unknown')
                AND t.operation IN ('ConsoleLogin', 'UserAuthentication', 'Authenticate',
                    'Federate', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
            WHEN t.source = 'github' THEN
                t.operation IN ('org.sso_response', 'business.sso_response')
            WHEN t.source IN ('teleport', 'google_workspace') THEN t.protocol IN ('saml', 'oidc')
                AND t.platform = 'idp' AND t.service IN ('Teleport', 'Google Workspace')
            WHEN t.source IN ('okta', 'entra', 'keycloak', 'auth0', 'duo') THEN false
            ELSE t.protocol IN ('saml', 'saml1', 'oidc', 'wsfed')
        END, false) AS federated
    FROM tries t
    LEFT JOIN accounts a
        ON a.source = t.source
        AND a.login = t.user_name
        AND (a.valid_from IS NULL OR t.started >= a.valid_from)
        AND (a.valid_to IS NULL OR t.started < a.valid_to)
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, who, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, interactive,
    outcome, reason, reason_raw, mfa, proof,
    factor, strength, phishing_resistant, prompts, refusals, steps,
    prompt_to_response_ms, duration_ms, duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed,
    CASE
        -- IAM Identity Center is the provider of the consoles behind it, whether it
        -- asked for a factor, for a password alone, or another provider.
        WHEN source = 'cloudtrail' THEN
            CASE WHEN operation = 'UserAuthentication' THEN 'cloudtrail' END
        WHEN application IS NULL THEN NULL
        WHEN application LIKE 'urn:amazon:webservices%'
            OR application LIKE 'https://%.signin.aws.amazon.com/platform/saml/%'
            OR application LIKE 'https://%.signin.aws/platform/saml/%' THEN 'cloudtrail'
        WHEN application LIKE 'https://github.com/orgs/%'
            OR application LIKE 'https://github.com/enterprises/%' THEN 'github'
        WHEN application = 'google.com' OR application LIKE 'google.com/a/%' THEN 'google_workspace'
        WHEN application = 'teleport' THEN 'teleport'
        WHEN application IN ('vault', 'hashicorp vault') THEN 'vault'
        -- AWS and GitHub ask for ids of their own: another client id is only a word.
        WHEN source = 'keycloak' THEN NULL
        WHEN application IN ('aws', 'aws console')
            OR application LIKE 'aws account federation%'
            OR application LIKE 'aws single-account access%'
            OR application LIKE 'aws iam identity center%'
            OR application LIKE 'aws single sign-on%'
            OR application LIKE 'amazon web services%' THEN 'cloudtrail'
        WHEN application IN ('github', 'github.com', 'github team')
            OR application LIKE 'github enterprise cloud%'
            OR application LIKE 'github enterprise managed user%' THEN 'github'
        WHEN application IN ('google workspace', 'g suite')
            OR application LIKE 'google cloud / g suite connector%' THEN 'google_workspace'
    END AS leads_to,
    CASE
        WHEN application LIKE 'https://github.com/orgs/%' THEN substr(application, 25)
        WHEN application LIKE 'https://github.com/enterprises/%' THEN substr(application, 32)
    END AS leads_to_resource,
    federated,
    federated AND source IN ('cloudtrail', 'github', 'teleport', 'google_workspace', 'vault')
        AND mfa = 'unknown' AND outcome = 'success' AND who IS NOT NULL AND ip IS NOT NULL AS arrives
FROM named;

-- Applications of the identity providers that people signed in to, and where they
-- lead. Only a sign-in to an application that leads to a service can stand behind
-- one at that service; where leads_to is null, access through it stays unknown.
-- columns:
-- source  The identity provider.
-- application  Its application, as it names it.
-- leads_to  Source whose sign-ins can follow; null where none is known.
-- leads_to_resource  The one organisation that it leads to, where the application names it.
-- tries  Tries to sign in to it.
-- people  Persons, or logins without one, who tried.
-- first_seen, last_seen  Start of the first and the last of them.
CREATE OR REPLACE TEMP VIEW applications AS
SELECT
    source,
    service AS application,
    max(leads_to) AS leads_to,
    max(leads_to_resource) AS leads_to_resource,
    count(*) AS tries,
    count(DISTINCT who) AS people,
    min(started) AS first_seen,
    max(started) AS last_seen
FROM tries_of_people
WHERE service IS NOT NULL
    AND (source IN ('okta', 'entra', 'keycloak', 'google_workspace') OR leads_to IS NOT NULL)
GROUP BY source, service;

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
CREATE OR REPLACE TEMP VIEW tries_told_once AS
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
FROM once;

-- Tries, each with the MFA that the same session had at most 24 hours before: a
-- provider's session that was opened with a second factor, and what is reached in
-- it without being asked again.
-- columns:
-- proven  Whether the try itself says that it had MFA.
-- session_proof  The event that proves the session's MFA, where the try itself says nothing; as shard-seq-part.
-- session_sign_in  The last try that succeeded in the session before, at most 24 hours, where the try itself says nothing; as shard-seq-part.
-- is_open  Whether it worked, and nothing in it or in its session says whether with MFA.
CREATE OR REPLACE TEMP VIEW tries_in_sessions AS
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
FROM found;

-- Sign-ins at a service that takes an identity provider's word, and what the
-- provider's own events say of them. The service says nothing of MFA: it is
-- inherited by timing where the same person, from the same address and at most 60
-- seconds before, signed in to an application of the provider that leads to this
-- service, and that sign-in had MFA, itself or by its session. Where there are
-- several such sign-ins and one is not known to have had MFA, it can't be told
-- which one it was, and nothing is proven. Which event arrived first makes no
-- difference.
--
-- A sign-in at IAM Identity Center is both: it leads to the consoles, and may take
-- another provider's word itself, never that of Identity Center. Where all the
-- other providers' sign-ins that fit it had MFA, they stand for it; else it is one
-- that isn't known to have had MFA.
--
-- No id stands in both logs. AWS writes the id of the SAML assertion and GitHub
-- the name in it; Okta, Entra and Keycloak write neither with the sign-in. What
-- each vendor documents is in docs/federation.md.
-- columns:
-- finding  proven, without_mfa (a sign-in at the provider isn't known to have had MFA), not_found (no sign-in at a provider fits).
-- provider  Source of the provider's sign-in; the latest where several fit.
-- application  The application of the provider that was signed in to.
-- sign_on  The provider's sign-in to it, as shard-seq-part.
-- mfa_proof  The event that proves the provider's MFA, as shard-seq-part.
-- fitting  Sign-ins at providers that fit.
-- apart_ms  From the provider's sign-in to this one; below 0 where this source tells whole seconds.
CREATE OR REPLACE TEMP VIEW federated_sign_ins AS
WITH known AS (
    SELECT
        *,
        epoch_ms(ended) AS ended_ms
    FROM tries_in_sessions
), windows_of(number) AS (
    VALUES (0), (1)
), arrivals AS (
    SELECT
        shard, seq, part, source, user_name, person, who, service, resource, started, ended, ip,
        ended_ms,
        coalesce(leads_to = source, false) AS passes_on,
        ended_ms - 60000 AS from_ms,
        -- Sources that give whole seconds: the provider's answer may lie within
        -- the same second, written later.
        ended_ms + CASE WHEN ended_ms % 1000 = 0 THEN 999 ELSE 0 END AS to_ms
    FROM known
    WHERE arrives AND is_open
), in_windows AS (
    -- By the two minutes in which the first and the last fitting moment lie, so
    -- that they meet by equal keys.
    SELECT
        a.*,
        w.number AS window_number,
        CASE WHEN w.number = 0 THEN from_ms - from_ms % 120000 ELSE to_ms - to_ms % 120000 END
            AS window_ms
    FROM arrivals a
    CROSS JOIN windows_of w
    WHERE w.number = 0 OR from_ms - from_ms % 120000 <> to_ms - to_ms % 120000
), sign_ons AS (
    SELECT
        leads_to, leads_to_resource,
        who AS s_who,
        ip AS s_ip,
        ended_ms AS s_ms,
        ended_ms - ended_ms % 120000 AS s_window_ms,
        source AS provider,
        service AS application,
        shard AS s_shard, seq AS s_seq, part AS s_part,
        CASE WHEN proven THEN proof ELSE session_proof END AS s_proof
    FROM known
    WHERE leads_to IS NOT NULL AND outcome = 'success' AND who IS NOT NULL AND ip IS NOT NULL
), stood_for AS (
    SELECT shard AS p_shard, seq AS p_seq, part AS p_part
    FROM in_windows
    JOIN sign_ons
        ON leads_to = source AND s_who = who AND s_ip = ip AND s_window_ms = window_ms
        AND s_ms >= from_ms AND s_ms <= to_ms
    WHERE passes_on AND provider <> source
    GROUP BY shard, seq, part
    HAVING count(*) = count(s_proof)
), candidates AS (
    SELECT s.*
    FROM sign_ons s
    LEFT JOIN stood_for ON p_shard = s_shard AND p_seq = s_seq AND p_part = s_part
    WHERE p_shard IS NULL
), met AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY shard, seq, part
            ORDER BY CASE WHEN s_ms IS NULL THEN 1 ELSE 0 END, s_ms DESC, s_shard, s_seq, s_part
        ) AS choice,
        count(s_ms) OVER (PARTITION BY shard, seq, part) AS fitting,
        count(s_proof) OVER (PARTITION BY shard, seq, part) AS fitting_with_mfa
    FROM in_windows
    LEFT JOIN candidates
        ON leads_to = source AND s_who = who AND s_ip = ip AND s_window_ms = window_ms
        AND s_ms >= from_ms AND s_ms <= to_ms
        AND NOT (passes_on AND provider = source)
        AND (leads_to_resource IS NULL OR leads_to_resource = lower(resource))
)
SELECT
    shard, seq, part, source, user_name, person, service, resource, started, ended, ip,
    CASE
        WHEN fitting = 0 THEN 'not_found'
        WHEN fitting = fitting_with_mfa THEN 'proven'
        ELSE 'without_mfa'
    END AS finding,
    provider,
    application,
    CAST(s_shard AS VARCHAR) || '-' || CAST(s_seq AS VARCHAR) || '-' || CAST(s_part AS VARCHAR)
        AS sign_on,
    CASE WHEN fitting = fitting_with_mfa THEN s_proof END AS mfa_proof,
    fitting,
    ended_ms - s_ms AS apart_ms
FROM met
WHERE choice = 1;

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
CREATE OR REPLACE TEMP VIEW attempts AS
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
RIGHT JOIN tries_in_sessions ON f_shard = shard AND f_seq = seq AND f_part = part;

-- What was reached or asked for: sign-ins (attempts), and operations by whoever was
-- signed in already. Policies judge these. Failed passwords, errors and what was
-- interrupted reach nothing and aren't here; what was refused or given up is, with its
-- outcome. Of an operation on somebody else's account, who acted is who is meant.
-- columns:
-- kind  sign_in or operation.
-- time, ended  When it began; when it was judged. Of an operation both are its time.
-- login  The login of whoever acted, lower-cased.
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- who  The person, else source and login: whose verifications are looked for.
-- mfa  Of a sign-in as in attempts; of an operation what its event says.
CREATE OR REPLACE TEMP VIEW accesses AS
WITH operations AS (
    SELECT
        *,
        lower(coalesce(actor, user_name)) AS login
    FROM events
    WHERE (activity IN ('access', 'token_issue', 'elevate', 'admin', 'policy_change',
            'account_change', 'enroll', 'unenroll', 'factor_reset', 'recovery')
            OR (activity = 'policy_decision' AND platform <> 'idp'))
        AND outcome IN ('success', 'unknown', 'denied', 'abandoned')
        AND source <> 'rollcall'
), of_persons AS (
    SELECT
        o.*,
        a.person, a.name, a.privileged, a.team, a.manager, a.role, a.cohort, a.time_zone,
        CASE
            WHEN a.kind IS NOT NULL AND a.kind <> 'unknown' THEN a.kind
            WHEN lower(o.user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot',
                'system', 'systemprincipal', 'awsservice', 'machine') THEN 'service'
            WHEN NOT o.interactive AND o.credential IN ('app', 'access_key', 'deploy_key')
                THEN 'service'
            ELSE 'unknown'
        END AS account_kind
    FROM operations o
    LEFT JOIN accounts a
        ON a.source = o.source
        AND a.login = o.login
        AND (a.valid_from IS NULL OR o.time >= a.valid_from)
        AND (a.valid_to IS NULL OR o.time < a.valid_to)
)
SELECT
    'sign_in' AS kind,
    shard, seq, part, started AS time, ended, source,
    user_name AS login,
    coalesce('person ' || person, 'login ' || source || ' ' || user_name) AS who,
    user_name, user_id, user_type, CAST(NULL AS VARCHAR) AS actor,
    person, name, account_kind, privileged, team, manager, role, cohort, time_zone,
    'logon' AS activity, outcome, reason, operation, interactive,
    platform, service, CAST(NULL AS VARCHAR) AS resource, environment,
    CAST(NULL AS VARCHAR) AS pipeline, CAST(NULL AS VARCHAR) AS ticket,
    protocol, credential, mfa, mfa_proof, factor, strength, phishing_resistant,
    prompts, prompt_to_response_ms,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed, session_id
FROM attempts
WHERE outcome IN ('success', 'unknown', 'denied', 'abandoned')
UNION ALL
SELECT
    'operation' AS kind,
    shard, seq, part, time, time AS ended, source,
    login,
    coalesce('person ' || person, 'login ' || source || ' ' || login) AS who,
    user_name, user_id, user_type, actor,
    person, name, account_kind, privileged, team, manager, role, cohort, time_zone,
    activity, outcome, reason, operation, interactive,
    platform, service, resource, environment, pipeline, ticket,
    protocol, credential, mfa,
    CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered') THEN
        CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR) END,
    factor,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 5
        WHEN factor = 'push_number' THEN 4
        WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 3
        WHEN factor IN ('sms', 'voice') THEN 2
        WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 1
        WHEN factor = 'password' THEN 0
    END,
    phishing_resistant,
    CAST(0 AS BIGINT), CAST(NULL AS BIGINT),
    policy_id, policy_name, policy_mode, policy_result, policy_result = 'challenged', blocked,
    ip, country, asn, is_proxy, device_id, device_managed, session_id
FROM of_persons;

-- Vendors' policies as the newest snapshot has them, one row per policy or rule. A
-- kind of policies that a vendor didn't give stays as it was given last; every
-- snapshot is in vendor_policies_all.
-- columns:
-- account  The [[pull]] that was asked.
-- kind  sign_on, access, conditional_access, security_defaults, two_factor_requirement, ruleset or branch_protection.
-- parent_id  What it belongs to: a rule's policy, a branch's repository.
-- state  enabled, report_only, disabled or unknown.
-- raw  What it says: JSON after redaction, keys in order.
-- sha256  The SHA-256 of raw.
-- taken, as_of  When, and for which day.
CREATE OR REPLACE TEMP VIEW vendor_policies AS
WITH newest AS (
    SELECT source, account, kind, max(taken) AS taken
    FROM vendor_policies_all
    WHERE state <> 'unavailable'
    GROUP BY source, account, kind
)
SELECT
    p.source,
    p.account,
    p.kind,
    p.policy_id,
    p.parent_id,
    p.name,
    p.state,
    p.raw,
    p.sha256,
    p.taken,
    p.as_of
FROM vendor_policies_all p
JOIN newest n
    ON p.source = n.source AND p.account = n.account AND p.kind = n.kind AND p.taken = n.taken
WHERE p.policy_id IS NOT NULL;

-- What vendors' own policies are against what the organisation's policies say they should
-- be: one row per policy at a vendor that the latest version names, and one per policy at
-- such a vendor that none names. A pilot and an enforced policy should be switched on
-- there; one that only reports should report only, or be switched on and bind nobody.
-- columns:
-- policy, version  The organisation's policy; null where none names this one.
-- vendor_id  The vendor's id.
-- kind  What the vendor calls it: sign_on, conditional_access, ruleset, …
-- expected  enabled or report_only; null where no policy names it.
-- state  enabled, report_only, disabled or unknown, in the newest snapshot; null where it isn't in it.
-- finding  agrees, missing (it isn't there), disabled, only_reports, binds_already, not_in_code, unknown.
-- taken  When the newest snapshot of that vendor was taken; null: there is none.
CREATE OR REPLACE TEMP VIEW policy_drift AS
WITH latest AS (
    SELECT policy, max(version) AS version FROM policies_all GROUP BY policy
), mapped AS (
    SELECT v.policy, v.version, v.source, v.vendor_id, p.phase
    FROM policies_all v
    JOIN latest l ON l.policy = v.policy AND l.version = v.version
    JOIN policies_all p ON p.policy = v.policy AND p.version = v.version AND p.part = 'policy'
    WHERE v.part = 'vendor'
), snapshots AS (
    SELECT source, max(taken) AS taken FROM vendor_policies GROUP BY source
), there AS (
    SELECT source, policy_id, kind, name, parent_id, state
    FROM vendor_policies
    WHERE source IN (SELECT source FROM mapped)
), named AS (
    SELECT
        coalesce(m.source, t.source) AS source,
        coalesce(m.vendor_id, t.policy_id) AS vendor_id,
        m.policy, m.version, m.phase, t.kind, t.name, t.parent_id, t.state,
        CASE
            WHEN m.policy IS NULL THEN NULL
            WHEN m.phase = 'report_only' THEN 'report_only'
            ELSE 'enabled'
        END AS expected
    FROM mapped m
    FULL JOIN there t ON t.source = m.source AND t.policy_id = m.vendor_id
)
SELECT
    n.policy, n.version, n.phase, n.source, n.vendor_id, n.kind, n.name, n.expected, n.state,
    CASE
        WHEN n.policy IS NULL THEN 'not_in_code'
        WHEN s.taken IS NULL THEN 'unknown'
        WHEN n.state IS NULL THEN 'missing'
        WHEN n.state = 'disabled' THEN 'disabled'
        WHEN n.state = 'unknown' THEN 'unknown'
        WHEN n.expected = 'enabled' AND n.state = 'report_only' THEN 'only_reports'
        WHEN n.expected = 'report_only' AND n.state = 'enabled' THEN 'binds_already'
        ELSE 'agrees'
    END AS finding,
    s.taken
FROM named n
LEFT JOIN snapshots s ON s.source = n.source
-- A rule of a policy that is named is named with it.
WHERE n.policy IS NOT NULL
    OR n.parent_id IS NULL
    OR n.parent_id NOT IN (SELECT vendor_id FROM mapped);

-- What differs between an account's consecutive policy snapshots: policies and rules
-- that were added, removed or changed. Where a vendor didn't give a kind for some
-- days, the snapshots before and after are compared.
-- columns:
-- account  The [[pull]] that was asked.
-- taken_before, taken_after  When the two snapshots were taken: it changed in between.
-- kind  sign_on, access, conditional_access, security_defaults, two_factor_requirement, ruleset or branch_protection.
-- change  added, removed or changed.
-- parent_id  What it belongs to: a rule's policy, a branch's repository.
-- state_before, state_after  enabled, report_only, disabled or unknown; null where it wasn't there.
-- raw_before, raw_after  What it said and says; json_changes shows the difference.
CREATE OR REPLACE TEMP VIEW vendor_policy_changes AS
WITH snapshots AS (
    SELECT DISTINCT source, account, kind, taken
    FROM vendor_policies_all
    WHERE state <> 'unavailable'
), steps AS (
    SELECT
        source,
        account,
        kind,
        lag(taken) OVER (PARTITION BY source, account, kind ORDER BY taken) AS taken_before,
        taken AS taken_after
    FROM snapshots
), earlier AS (
    SELECT s.taken_before, s.taken_after, p.*
    FROM vendor_policies_all p
    JOIN steps s
        ON p.source = s.source AND p.account = s.account AND p.kind = s.kind
        AND p.taken = s.taken_before
    WHERE p.policy_id IS NOT NULL
), later AS (
    SELECT s.taken_before, s.taken_after, p.*
    FROM vendor_policies_all p
    JOIN steps s
        ON p.source = s.source AND p.account = s.account AND p.kind = s.kind
        AND p.taken = s.taken_after
    WHERE p.policy_id IS NOT NULL AND s.taken_before IS NOT NULL
)
SELECT
    coalesce(l.taken_before, e.taken_before) AS taken_before,
    coalesce(l.taken_after, e.taken_after) AS taken_after,
    coalesce(l.source, e.source) AS source,
    coalesce(l.account, e.account) AS account,
    coalesce(l.kind, e.kind) AS kind,
    CASE
        WHEN e.policy_id IS NULL THEN 'added'
        WHEN l.policy_id IS NULL THEN 'removed'
        ELSE 'changed'
    END AS change,
    coalesce(l.policy_id, e.policy_id) AS policy_id,
    coalesce(l.parent_id, e.parent_id) AS parent_id,
    coalesce(l.name, e.name) AS name,
    e.state AS state_before,
    l.state AS state_after,
    e.raw AS raw_before,
    l.raw AS raw_after
FROM earlier e
FULL JOIN later l
    ON e.source = l.source AND e.account = l.account AND e.kind = l.kind
    AND e.taken_after = l.taken_after AND e.policy_id = l.policy_id
-- Of what was erased neither the text nor its hash is left: two of those don't differ.
WHERE e.policy_id IS NULL OR l.policy_id IS NULL OR e.sha256 IS DISTINCT FROM l.sha256;

-- Accesses that went through and that a policy in force would have challenged or denied,
-- one row per access and policy, with whether an exception covers it. In the phase
-- report_only, and outside of a pilot's cohorts, nobody was bound: such rows say what
-- would have been.
-- columns:
-- rule  The number of the rule that decided, from 1.
-- without_exception  challenge or deny: what the rule says.
-- excepted  Whether an exception in force covers it.
-- exception  The exception that fits, also one that has lapsed.
-- bound  Whether the policy bound whoever it was, then.
CREATE OR REPLACE TEMP VIEW violations AS
SELECT
    time, shard, seq, part, kind, source, login, person, name, account_kind, team, role, cohort,
    platform, service, environment, pipeline, operation, critical, critical_rule,
    policy, version, phase, bound, rule, rule_name, requirement, without_exception,
    result = 'excepted' AS excepted,
    exception, lapsed
FROM policy_decisions
WHERE without_exception IN ('challenge', 'deny') AND outcome IN ('success', 'unknown');
