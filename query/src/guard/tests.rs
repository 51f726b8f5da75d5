//! SQL that means harm, and limits that are told.

use std::time::Duration;

use arrow::array::{Array, AsArray};
use futures::StreamExt;

use crate::guard::{End, Reached, TypedItem};
use crate::{Catalog, Limits, QueryError, Result, Session, Settings, fixture};

fn session() -> Session {
    let lines: Vec<String> = (0..3_000)
        .map(|n| {
            let (hour, minute, second) = (n / 3600, n / 60 % 60, n % 60);
            format!(
                "event 2026-03-02T{hour:02}:{minute:02}:{second:02}Z okta user{n} logon success"
            )
        })
        .collect();
    let world = fixture::world(&lines.join("\n"));
    let snapshot = world.snapshot(2_000);
    // Files must outlive the test.
    std::mem::forget(world);
    Catalog::detached(Settings::default()).expect("a catalog").session_on(snapshot)
}

async fn run(sql: &str, limits: &Limits) -> Result<(usize, End)> {
    let (batches, end) = session().typed(sql, limits).await?.collect().await?;
    Ok((batches.iter().map(|b| b.num_rows()).sum(), end.expect("an end")))
}

async fn refused(sql: &str) -> QueryError {
    match run(sql, &Limits::default()).await {
        Err(error) => error,
        Ok(found) => panic!("{sql} was run: {found:?}"),
    }
}

#[tokio::test]
async fn reading_is_allowed() {
    for (sql, rows) in [
        ("SELECT count(*) FROM events", 1),
        ("SELECT * FROM attempts LIMIT 5", 5),
        ("WITH a AS (SELECT user_name FROM events LIMIT 3) SELECT * FROM a", 3),
        ("VALUES (1), (2)", 2),
        ("EXPLAIN SELECT * FROM events", 2),
        ("EXPLAIN ANALYZE SELECT count(*) FROM events", 1),
        ("SELECT source, count(*) FROM events GROUP BY ROLLUP(source)", 2),
        ("SELECT raw_text(raw), strength('push'), wilson_low(1, 2) FROM events LIMIT 1", 1),
        ("SELECT source || '-' || user_name, concat(source, 1) FROM public.events LIMIT 1", 1),
        ("SELECT bucket('week', time, 'Europe/Berlin') FROM events LIMIT 1", 1),
        ("SELECT array_length(make_array(1, 2))", 1),
        ("SELECT user_name FROM events WHERE user_name ~ 'user1$'", 1),
        ("SELECT name, rows FROM segments", 1),
        (
            "SELECT extract(hour FROM time), row_number() OVER (ORDER BY time) FROM events LIMIT 1",
            1,
        ),
    ] {
        let (found, end) =
            run(sql, &Limits::default()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        assert_eq!(found, rows, "{sql}");
        assert_eq!((end.rows, end.reached), (rows, None), "{sql}");
    }
}

#[tokio::test]
async fn columns_have_the_types_that_were_told() {
    for sql in [
        "SELECT 'all' AS who, count(*) FROM events UNION ALL SELECT user_name, count(*) FROM events GROUP BY 1",
        "SELECT user_name FROM events UNION SELECT 'nobody'",
        "SELECT 1 AS n UNION ALL SELECT count(*) FROM events UNION ALL SELECT 1.5",
        "SELECT NULL AS user_name UNION ALL SELECT user_name FROM events",
        "SELECT DATE '2026-03-02' AS day UNION ALL SELECT time FROM events",
        "SELECT user_name FROM events INTERSECT VALUES ('user1'), ('user2')",
        "SELECT user_name FROM events EXCEPT SELECT 'user1'",
        "SELECT coalesce(user_name, 'nobody'), CASE WHEN seq > 1 THEN 'late' ELSE user_name END FROM events",
        "WITH a AS (SELECT 'x' AS word UNION ALL SELECT source FROM events) SELECT word, count(*) FROM a GROUP BY 1",
        "EXPLAIN SELECT 1",
    ] {
        let failed = |error: QueryError| -> ! { panic!("{sql}: {error}") };
        let typed = session().typed(sql, &Limits::default()).await;
        let typed = typed.unwrap_or_else(|error| failed(error));
        let types = |schema: &arrow::datatypes::Schema| -> Vec<_> {
            schema.fields().iter().map(|field| field.data_type().clone()).collect()
        };
        let told = types(&typed.schema);
        let (batches, _) = typed.collect().await.unwrap_or_else(|error| failed(error));
        assert!(!batches.is_empty(), "{sql}");
        for batch in batches {
            assert_eq!(types(batch.schema_ref()), told, "{sql}");
        }
    }
}

#[tokio::test]
async fn nothing_but_reading_is_allowed() {
    for sql in [
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "DROP TABLE events",
        "COPY (SELECT 1) TO '/tmp/rollcall-hostile.csv'",
        "COPY events TO '/tmp/rollcall-hostile.parquet'",
        "INSERT INTO events SELECT * FROM events",
        "DELETE FROM events",
        "UPDATE events SET source = 'x'",
        "TRUNCATE TABLE events",
        "SET datafusion.execution.batch_size = 1",
        "SET datafusion.catalog.information_schema = true",
        "RESET datafusion.execution.batch_size",
        "PREPARE p AS SELECT 1",
        "BEGIN",
        "EXPLAIN COPY (SELECT 1) TO '/tmp/rollcall-hostile.csv'",
        "EXPLAIN ANALYZE INSERT INTO events SELECT * FROM events",
        "EXPLAIN CREATE TABLE t AS SELECT 1",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE events",
    ] {
        let error = refused(sql).await;
        assert!(
            matches!(
                error,
                QueryError::NotAllowed { .. } | QueryError::Plan(_) | QueryError::Syntax(_)
            ),
            "{sql}: {error}"
        );
    }
    assert!(!std::path::Path::new("/tmp/rollcall-hostile.csv").exists());
    assert!(!std::path::Path::new("/tmp/rollcall-hostile.parquet").exists());
}

#[tokio::test]
async fn no_file_and_no_foreign_table_can_be_named() {
    for sql in [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM '/etc/hosts.csv'",
        "SELECT * FROM 'https://example.org/x.parquet'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM information_schema.df_settings",
        "SELECT * FROM information_schema.tables",
        "SHOW ALL",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM generate_series(1, 1000000000)",
        "SELECT * FROM range(1, 1000000000)",
        "SELECT * FROM buckets",
    ] {
        refused(sql).await;
    }
}

#[tokio::test]
async fn functions_that_make_much_of_little_are_not_there() {
    for sql in [
        "SELECT repeat('x', 1000000000)",
        "SELECT lpad('x', 1000000000)",
        "SELECT rpad('x', 1000000000)",
        "SELECT generate_series(1, 1000000000)",
        "SELECT range(1, 1000000000)",
        "SELECT array_repeat('x', 1000000000)",
        "SELECT space(1000000000)",
        "SELECT array_resize(make_array(1), 1000000000)",
    ] {
        let error = refused(sql).await;
        assert!(matches!(error, QueryError::Unknown { kind: "function", .. }), "{sql}: {error}");
    }
}

#[tokio::test]
async fn text_that_doubles_and_doubles_is_stopped() {
    for (first, double, last, stopped) in [
        ("SELECT 'xxxxxxxxxxxxxxxx' AS a", "a || a", "SELECT a FROM t30", "parts"),
        ("SELECT user_name AS a FROM events", "concat(a, a)", "SELECT max(a) FROM t30", "parts"),
        ("SELECT 'x' AS a", "string_agg(a || a, '')", "SELECT a FROM t30", "at most"),
    ] {
        let mut sql = format!("WITH t0 AS ({first})");
        for n in 1..=30 {
            sql.push_str(&format!(", t{n} AS (SELECT {double} AS a FROM t{})", n - 1));
        }
        let error = refused(&format!("{sql} {last}")).await;
        assert!(error.to_string().contains(stopped), "{error}");
    }
    let mut sql = "WITH t0 AS (SELECT seq FROM events)".to_owned();
    for n in 1..=30 {
        sql.push_str(&format!(
            ", t{n} AS (SELECT a.seq FROM t{m} a JOIN t{m} b ON a.seq = b.seq)",
            m = n - 1
        ));
    }
    let error = refused(&format!("{sql} SELECT count(*) FROM t30")).await;
    assert!(error.to_string().contains("reads more than"), "{error}");
    let long = "y".repeat(30_000);
    let sql = format!(
        "SELECT max(replace(replace(user_name, 'u', '{long}'), 'y', '{long}')) FROM events"
    );
    let error = refused(&sql).await;
    assert!(error.to_string().contains("at most"), "{error}");
}

#[tokio::test]
async fn a_query_that_wants_too_much_memory_is_told_so() {
    let limits = Limits { memory_bytes: 1 << 20, ..Limits::default() };
    let sql = "SELECT a.user_name || b.user_name AS u, count(*) FROM events a CROSS JOIN events b GROUP BY 1 ORDER BY 1";
    let error = run(sql, &limits).await.expect_err("too much");
    assert!(
        matches!(error, QueryError::Memory { limit_bytes } if limit_bytes == 1 << 20),
        "{error}"
    );
}

#[tokio::test]
async fn a_blow_up_ends_with_its_time() {
    let limits = Limits { time: Duration::from_millis(300), ..Limits::default() };
    let sql = "SELECT count(*) FROM events a, events b, events c, events d WHERE a.seq + b.seq + c.seq + d.seq = 1";
    let started = std::time::Instant::now();
    let error = run(sql, &limits).await.expect_err("too long");
    assert!(matches!(error, QueryError::Time { .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(20), "took {:?}", started.elapsed());
}

#[tokio::test]
async fn the_limit_that_was_reached_is_the_last_thing_said() {
    let rows = Limits { rows: 2_500, ..Limits::default() };
    let (found, end) = run("SELECT * FROM events", &rows).await.expect("rows");
    assert_eq!((found, end.rows, end.reached), (2_500, 2_500, Some(Reached::Rows)));

    let exact = Limits { rows: 3_000, ..Limits::default() };
    let (found, end) = run("SELECT * FROM events", &exact).await.expect("rows");
    assert_eq!((found, end.reached), (3_000, None), "as many as allowed is not too many");

    let bytes = Limits { bytes: 40_000, ..Limits::default() };
    let (found, end) = run("SELECT user_name FROM events", &bytes).await.expect("rows");
    assert_eq!(end.reached, Some(Reached::Bytes));
    assert!(found > 100 && found < 3_000, "{found} rows");
    assert!(end.bytes <= 40_000, "{} bytes", end.bytes);

    let mut typed = session().typed("SELECT seq FROM events", &rows).await.expect("a stream");
    let mut items = Vec::new();
    while let Some(item) = typed.stream.next().await {
        items.push(item.expect("an item"));
    }
    let ends = items.iter().filter(|item| matches!(item, TypedItem::End(_))).count();
    assert_eq!(ends, 1);
    assert!(matches!(items.last(), Some(TypedItem::End(_))));
}

#[tokio::test]
async fn errors_name_what_is_meant() {
    let text = async |sql: &str| refused(sql).await.to_string();
    assert_eq!(
        text("SELECT usr_name FROM events").await,
        "there is no column usr_name; did you mean user_name?"
    );
    assert_eq!(text("SELECT * FROM evnts").await, "there is no table evnts; did you mean events?");
    assert!(
        text("SELECT * FROM nothing_like_it").await.contains("; there are accesses, account_days")
    );
    assert_eq!(
        text("SELECT wilson_lo(1, 2)").await,
        "there is no function wilson_lo; did you mean wilson_low?"
    );
    assert!(
        text("SELEC 1").await.starts_with("the SQL can't be read"),
        "{}",
        text("SELEC 1").await
    );
    assert!(text("SET a = 1").await.contains("isn't allowed here"));
    let long = format!("SELECT '{}'", "x".repeat(70_000));
    assert!(text(&long).await.contains("at most 65536"));
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_far_as_they_are() {
    let sql = "SELECT raw_text(decode('ff61', 'hex')), raw_text(NULL)";
    let (batches, _) = session()
        .typed(sql, &Limits::default())
        .await
        .expect("a plan")
        .collect()
        .await
        .expect("rows");
    assert_eq!(batches[0].column(0).as_string_view().value(0), "\u{fffd}a");
    assert!(batches[0].column(1).is_null(0));
}

#[tokio::test]
async fn null_joined_with_text_is_null() {
    let sql = "SELECT CAST(NULL AS VARCHAR) || 'a', 'a' || 'b' || 1";
    let (batches, _) = session()
        .typed(sql, &Limits::default())
        .await
        .expect("a plan")
        .collect()
        .await
        .expect("rows");
    assert!(batches[0].column(0).is_null(0));
    assert_eq!(batches[0].column(1).as_string_view().value(0), "ab1");
}
