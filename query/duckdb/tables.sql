-- rollcall's tables and views for DuckDB, generated: do not edit. In the
-- directory that holds rollcall-data:
--
--     duckdb -cmd ".read docs/views.sql"
--
-- For another data directory: SET VARIABLE rollcall_data = '/srv/rollcall' first.
-- The views below are those of query/views/, word for word. Spark takes them too,
-- over the Delta tables, with epoch_ms defined as unix_millis and {'a': b} written
-- as named_struct('a', b). Rows that aren't sealed yet are not seen.
SET TimeZone = 'UTC';
SET VARIABLE rollcall_data = coalesce(getvariable('rollcall_data'), 'rollcall-data');

CREATE OR REPLACE TEMP VIEW events_all AS
SELECT * FROM read_parquet(getvariable('rollcall_data') || '/events/*.parquet');

CREATE OR REPLACE TEMP VIEW set_aside AS
SELECT * FROM read_parquet(getvariable('rollcall_data') || '/set_aside/*.parquet');

CREATE OR REPLACE TEMP VIEW people_all AS
SELECT * FROM read_parquet(getvariable('rollcall_data') || '/people/*.parquet');

CREATE OR REPLACE TEMP VIEW factors_all AS
SELECT * FROM read_parquet(getvariable('rollcall_data') || '/factors/*.parquet');

CREATE OR REPLACE TEMP VIEW shards AS
SELECT * FROM read_parquet(getvariable('rollcall_data') || '/shards/*.parquet');

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
WITH tags AS (
    SELECT CAST(json_extract_string(json, '$.add.tags.rollcall') AS JSON) AS tag
    FROM read_json_objects(
        getvariable('rollcall_data') || '/*/_delta_log/*.json', format = 'newline_delimited'
    )
), positions AS (
    SELECT unnest(from_json(json_extract(tag, '$.replays'), '[["BIGINT"]]')) AS position
    FROM tags
    WHERE tag IS NOT NULL
)
SELECT
    CAST(position[1] AS INTEGER) AS shard,
    position[2] AS seq,
    CAST(position[3] AS INTEGER) AS part
FROM positions;
