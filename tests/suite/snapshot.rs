//! One instant: a page and SQL see the same total before, during and after a
//! seal. Invariant 5.

use crate::rollcall::{Rollcall, Server, eventually, github};

fn total(server: &Server, cookie: &str) -> Option<i64> {
    let (status, body) = server.get("/q/sources_health.csv", cookie);
    assert_eq!(status, 200, "{body}");
    let mut lines = body.lines().skip_while(|line| !line.starts_with("source"));
    let column = lines.next()?.split(',').position(|name| name == "events")?;
    lines.find(|line| line.starts_with("github"))?.split(',').nth(column)?.parse().ok()
}

fn seals(server: &Server) -> f64 {
    let (_, body) =
        crate::http::request(&server.address, "GET", "/metrics", &[], b"").expect("an answer");
    let line = body.lines().find(|line| line.starts_with("rollcall_seals_total"));
    line.and_then(|line| line.rsplit(' ').next()).and_then(|n| n.parse().ok()).unwrap_or(0.0)
}

#[test]
fn a_row_is_never_missing_and_never_seen_twice() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[("ROLLCALL_SEAL_SECONDS", "3")]);
    let cookie = server.sign_in(&rollcall);
    let rows: i64 = 60_000;
    for batch in 0..6 {
        assert_eq!(server.accepted("", github(batch * 10_000, 10_000)), 10_000);
    }
    eventually("all rows are visible", || total(&server, &cookie) == Some(rows));
    assert!(seals(&server) < 1.0, "sealed before the test could look");
    let mut looked = 0;
    eventually("a seal", || {
        // Before, during and after: the same.
        assert_eq!(total(&server, &cookie), Some(rows));
        looked += 1;
        seals(&server) >= 1.0
    });
    for _ in 0..5 {
        assert_eq!(total(&server, &cookie), Some(rows));
    }
    assert!(looked > 3, "looked only {looked} times");
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events"), rows);
    assert_eq!(rollcall.number("SELECT count(DISTINCT source_event_id) FROM events"), rows);
}
