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
