//! Ten questions over the sealed files, against DuckDB on the same files.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Figure, duckdb, millis, rollcall};

pub const QUERIES: &[(&str, &str)] = &[
    ("counts by outcome", "SELECT outcome, count(*) AS n FROM events GROUP BY outcome"),
    (
        "hour x outcome",
        "SELECT date_trunc('hour', time) AS h, outcome, count(*) AS n FROM events GROUP BY 1, 2",
    ),
    (
        "busiest people",
        "SELECT user_name, count(*) AS n FROM events GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20",
    ),
    ("distinct people", "SELECT count(DISTINCT user_name) AS n FROM events"),
    (
        "distinct addresses a source",
        "SELECT source, count(DISTINCT ip) AS n FROM events GROUP BY 1",
    ),
    (
        "p95 of seconds in the hour",
        "SELECT approx_percentile_cont(CAST(extract(second FROM time) AS DOUBLE), 0.95) AS p FROM events",
    ),
    (
        "one person's last 50",
        "SELECT time, operation FROM events WHERE user_name = 'dev-123' ORDER BY time DESC LIMIT 50",
    ),
    ("last 50 of all", "SELECT time, user_name, operation FROM events ORDER BY time DESC LIMIT 50"),
    (
        "one hour",
        "SELECT operation, count(*) AS n FROM events WHERE time >= TIMESTAMP '2026-05-29T02:00:00Z' AND time < TIMESTAMP '2026-05-29T03:00:00Z' GROUP BY 1",
    ),
    ("one address", "SELECT count(*) AS n FROM events WHERE ip = '198.51.3.123'"),
];

pub fn run(scratch: &Path) -> Vec<Figure> {
    let data = scratch.join("imported");
    QUERIES.iter().map(|(name, query)| one(&data, name, query)).collect()
}

fn one(data: &Path, name: &str, query: &str) -> Figure {
    let ours = ours(data, query);
    let theirs = theirs(data, query);
    Figure {
        name: format!("query: {name}"),
        ours: millis(ours),
        theirs: theirs.map_or(String::new(), |took| format!("DuckDB {}", millis(took))),
        ratio: theirs.map_or(String::new(), |took| {
            format!("{:.2}", ours.as_secs_f64() / took.as_secs_f64())
        }),
    }
}

/// The same process asks six times at the prompt; the start is taken off.
pub fn ours(data: &Path, query: &str) -> Duration {
    let took = |times: usize| {
        let mut child = Command::new(rollcall())
            .args(["sql", "--format", "csv", "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        let begun = Instant::now();
        let text = format!("{query};\n").repeat(times);
        child.stdin.take().expect("stdin").write_all(text.as_bytes()).expect("written");
        assert!(child.wait().expect("ends").success());
        begun.elapsed()
    };
    let once = (0..3).map(|_| took(1)).min().unwrap_or_default();
    let many = (0..3).map(|_| took(11)).min().unwrap_or_default();
    many.saturating_sub(once) / 10
}

fn theirs(data: &Path, query: &str) -> Option<Duration> {
    let query = query.replace(
        "approx_percentile_cont(CAST(extract(second FROM time) AS DOUBLE), 0.95)",
        "approx_quantile(CAST(extract(second FROM time) AS DOUBLE), 0.95)",
    );
    let files = data.join("events/*.parquet");
    duckdb::time(
        &[
            "SET TimeZone='UTC'".to_owned(),
            format!("CREATE VIEW events AS SELECT * FROM read_parquet('{}')", files.display()),
            query,
        ],
        10,
    )
}
