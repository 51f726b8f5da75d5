//! The dashboard over a large company: the overview as a whole, right after the first
//! start over its data, after another start, and asked again; and ten questions that its
//! panels ask, against DuckDB on the raw files.
//!
//! DuckDB counts events, rollcall attempts: joining the events of one attempt, finding
//! whose it is and what MFA stands behind it is left out on DuckDB's side.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Duration as Span, NaiveDate, Utc};

use crate::served::{Served, connect, post};
use crate::{Figure, company, duckdb, millis};

/// Requests of one measurement.
const ROUNDS: i64 = 30;
/// People who look at the same time, and how often each of them.
const PEOPLE: usize = 20;
const CLICKS: usize = 10;

/// A question: its name, the metric with how it is split, and DuckDB's question.
const SHAPES: [(&str, &str, &str); 10] = [
    (
        "attempts by outcome a day",
        "attempts/by_outcome.json?grain=day",
        "SELECT date_trunc('day', time), outcome, count(*) FROM logons GROUP BY 1, 2",
    ),
    (
        "success by service",
        "attempts/success_rate.json?grain=total&by=service",
        "SELECT service, count(*) FILTER (outcome = 'success'), count(*) FROM logons GROUP BY 1",
    ),
    (
        "second factor used a week",
        "adoption/used.json?grain=week",
        "SELECT date_trunc('week', time), mfa, count(*) FROM logons WHERE outcome = 'success' GROUP BY 1, 2",
    ),
    (
        "phishing-resistant sign-ins and people",
        "adoption/phishing_resistant.json?grain=total",
        "SELECT count(*) FILTER (r), sum(n) FROM (SELECT user_name, bool_and(phishing_resistant) AS r, count(*) AS n FROM logons WHERE outcome = 'success' GROUP BY 1)",
    ),
    (
        "factors a day",
        "adoption/factor_mix.json?grain=day",
        "SELECT date_trunc('day', time), factor, count(*) FROM verified GROUP BY 1, 2",
    ),
    (
        "quantiles of the time to sign in a day",
        "latency/time_to_authenticate.json?grain=day",
        "SELECT date_trunc('day', time), quantile_disc(took, [0.5, 0.9, 0.95, 0.99]) FROM flows GROUP BY 1",
    ),
    (
        "quantiles of it by factor",
        "latency/time_to_authenticate.json?grain=total&by=factor",
        "SELECT factor, quantile_disc(took, [0.5, 0.9, 0.95, 0.99]) FROM flows GROUP BY 1",
    ),
    (
        "failures by reason a day",
        "failures/by_reason.json?grain=day",
        "SELECT date_trunc('day', time), reason, count(*) FROM logons WHERE outcome <> 'success' GROUP BY 1, 2",
    ),
    (
        "prompts a person and day",
        "friction/prompts_per_person_day.json?grain=total",
        "SELECT quantile_disc(n, [0.5, 0.95]) FROM (SELECT user_name, date_trunc('day', time), count(*) AS n FROM verified GROUP BY 1, 2)",
    ),
    (
        "blocked by a policy a week",
        "friction/blocked.json?grain=week",
        "SELECT date_trunc('week', time), policy_result, blocked, count(*) FROM logons GROUP BY 1, 2, 3",
    ),
];

pub fn run(folder: &Path, events: u64) -> Vec<Figure> {
    let data = company::data(folder, events);
    // What an earlier measurement left would make the first start another one.
    let _ = std::fs::remove_dir_all(data.join("derived"));
    let first = first_page(&data);
    let after = first_page(&data);
    let server = Served::start(&data);
    let cookie = server.sign_in();
    page(&server, &cookie);
    let mut figures = vec![
        figure("overview, first page after the first start", first.0, ""),
        figure("overview, first page after another start", after.0, "aim 1000 ms"),
        measured("overview, nothing new", "aim 100 ms", || page(&server, &cookie)),
        measured("overview, an event before each request", "aim 200 ms", || {
            one_event(&server);
            page(&server, &cookie)
        }),
        clicking(&server, &cookie),
    ];
    for (name, question, theirs) in SHAPES {
        figures.push(shape(&server, &cookie, &data, name, question, theirs));
    }
    eprintln!("  peak memory: {} MiB", server.stop());
    figures
}

/// Starts a server, and asks for the overview as soon as it listens; with how long the
/// start took.
fn first_page(data: &Path) -> (Duration, Duration) {
    let begun = Instant::now();
    let server = Served::start(data);
    let started = begun.elapsed();
    let cookie = server.sign_in();
    let took = page(&server, &cookie);
    eprintln!("  started in {started:?}, first page after {took:?} more");
    // What it counted is written a little later, beside everything else.
    std::thread::sleep(Duration::from_secs(20));
    server.stop();
    (took, started)
}

fn page(server: &Served, cookie: &str) -> Duration {
    let begun = Instant::now();
    let answer = server.ask("GET", "/", cookie, "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(!answer.contains("Failed: operation"), "a panel failed");
    begun.elapsed()
}

/// A sign-in of the last minute that there is data of.
fn one_event(server: &Served) {
    let until: DateTime<Utc> = company::UNTIL.parse().expect("a time");
    let at = (until - Span::seconds(30)).timestamp_millis();
    let id = Utc::now().timestamp_nanos_opt().expect("a number");
    let line = format!(
        "{{\"@timestamp\":{at},\"_document_id\":\"bench{id}\",\"action\":\"org.sso_response\",\"actor\":\"dev-1\",\"org\":\"corp-example\",\"created_at\":{at}}}\n"
    );
    let mut stream = connect(&server.address);
    assert!(post(&mut stream, &server.address, &server.token, line.as_bytes()), "refused");
}

/// The median and the longest of some requests.
fn measured(name: &str, aim: &str, mut ask: impl FnMut() -> Duration) -> Figure {
    let mut took: Vec<Duration> = (0..ROUNDS).map(|_| ask()).collect();
    took.sort();
    Figure {
        name: format!("{name}: median · p95"),
        ours: format!("{} · {}", millis(took[took.len() / 2]), millis(took[took.len() * 95 / 100])),
        theirs: String::new(),
        ratio: aim.to_owned(),
    }
}

fn figure(name: &str, took: Duration, aim: &str) -> Figure {
    let (theirs, ratio) = (String::new(), aim.to_owned());
    Figure { name: name.to_owned(), ours: millis(took), theirs, ratio }
}

/// Twenty people at once, each from a page to the next.
fn clicking(server: &Served, cookie: &str) -> Figure {
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE)
            .map(|_| scope.spawn(|| (0..CLICKS).map(|_| page(server, cookie)).collect::<Vec<_>>()))
            .collect();
        people.into_iter().flat_map(|person| person.join().expect("a person")).collect()
    });
    took.sort();
    Figure {
        name: format!("overview, {PEOPLE} people clicking: median · p95"),
        ours: format!("{} · {}", millis(took[took.len() / 2]), millis(took[took.len() * 95 / 100])),
        theirs: String::new(),
        ratio: "aim 200 ms".to_owned(),
    }
}

/// A question over four weeks, each time over other ones: no answer is given twice.
fn shape(
    server: &Served,
    cookie: &str,
    data: &Path,
    name: &str,
    question: &str,
    theirs: &str,
) -> Figure {
    let until: DateTime<Utc> = company::UNTIL.parse().expect("a time");
    let weeks = |back: i64| {
        let to = until.date_naive() - Span::days(1 + back);
        (to - Span::days(27), to)
    };
    let ask = |(from, to): (NaiveDate, NaiveDate)| {
        let begun = Instant::now();
        let path = format!("/m/{question}&from={from}&to={to}");
        let answer = server.ask("GET", &path, cookie, "");
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        begun.elapsed()
    };
    // The days of all of them are counted once.
    ask((weeks(10).0, weeks(0).1));
    let first = ask(weeks(10));
    let mut took: Vec<Duration> = (0..10).map(|back| ask(weeks(back))).collect();
    took.sort();
    let ours = took[took.len() / 2];
    let (from, to) = weeks(0);
    let files = data.join("events/*.parquet");
    let duck = duckdb::time(
        &[
            "SET TimeZone='UTC'".to_owned(),
            format!("CREATE VIEW events AS SELECT * FROM read_parquet('{}') WHERE time >= TIMESTAMPTZ '{from}' AND time < TIMESTAMPTZ '{to}' + INTERVAL 1 DAY", files.display()),
            "CREATE VIEW logons AS SELECT * FROM events WHERE activity = 'logon'".to_owned(),
            "CREATE VIEW verified AS SELECT * FROM events WHERE activity = 'verify' AND outcome = 'success'".to_owned(),
            "CREATE VIEW flows AS SELECT min(time) AS time, max(factor) AS factor, epoch_ms(max(time)) - epoch_ms(min(time)) AS took FROM events WHERE flow_id IS NOT NULL AND activity IN ('logon', 'challenge', 'verify', 'policy_decision') GROUP BY source, user_name, flow_id".to_owned(),
            theirs.to_owned(),
        ],
        5,
    );
    eprintln!("  {name}: the first time {first:?}");
    Figure {
        name: format!("four weeks: {name}"),
        ours: millis(ours),
        theirs: duck.map_or(String::new(), |took| format!("DuckDB {}", millis(took))),
        ratio: duck.map_or(String::new(), |took| {
            format!("{:.2}", ours.as_secs_f64() / took.as_secs_f64())
        }),
    }
}
