//! Data health of a running server: what came in, what didn't, and who says so.

use crate::rollcall::{Rollcall, eventually, github};

#[test]
fn a_record_that_is_rejected_shows_with_its_reason_position_and_bytes() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let now = chrono::Utc::now();
    let aged = |from: i64, count: i64, age: chrono::TimeDelta| -> String {
        let time = (now - age).timestamp_millis().to_string();
        let one = |n| github(n, 1).replace(&(1_790_000_000_000 + n * 37).to_string(), &time);
        (from..from + count).map(one).collect()
    };
    // The collector begins with history, which says nothing of lateness; then come three
    // events of just now.
    assert_eq!(server.accepted("", aged(0, 5, chrono::TimeDelta::days(2))), 5);
    assert_eq!(server.accepted("", aged(5, 3, chrono::TimeDelta::seconds(20))), 3);
    assert_eq!(server.accepted("?source=github", "{\"what\": \"<b>1</b>\"}\n"), 1);
    let cookie = server.sign_in(&rollcall);
    let page = |path: &str| {
        let (status, page) = server.get(path, &cookie);
        assert_eq!(status, 200, "{path}");
        page
    };
    eventually("it shows", || page("/quarantine").contains("1 record is held back"));
    let held = page("/quarantine?source=github");
    assert!(held.contains("{&#34;what&#34;: &#34;&#60;b&#62;1&#60;/b&#62;&#34;}"), "{held}");
    let position = rollcall.sql("SELECT shard || '-' || seq || '-' || part FROM quarantine");
    assert!(held.contains(&format!("<code>{}</code>", position[0])), "{held}");
    assert!(page("/quarantine?source=okta").contains("The filters leave nothing"));
    // The period of what came in now, whatever the events' own times are.
    let today = chrono::Utc::now().date_naive();
    let (from, to) = (today.pred_opt().expect("a day"), today.succ_opt().expect("a day"));
    let health = page(&format!("/data-health?from={from}&to={to}"));
    for part in [
        "href=\"/quarantine?source=github&#38;reason=",
        "1 record of the period couldn&#39;t be read, for 1 reason",
        "none is quieter than it usually is",
        "This process runs no collector of its own",
        "Free on the data&#39;s disk",
        "From receipt to rows that show",
        "No vendor was asked again for a closed day",
    ] {
        assert!(health.contains(part), "{part}\n{health}");
    }
    assert!(!health.contains("This panel failed"), "{health}");
    server.stop();
    let after = to.succ_opt().expect("a day").to_string();
    let metric = |name: &str| {
        let (from, name) = (from.to_string(), format!("data/{name}"));
        let run = ["metric", "run", &name, "--from", &from, "--to", &after, "--format", "csv"];
        rollcall.run(&run).lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let rejected = metric("rejected");
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    assert!(rejected.iter().all(|line| line.contains(",1,9,0,")), "{rejected:?}");
    assert!(metric("late")[0].starts_with(",,,0,3,0,"), "{:?}", metric("late"));
    assert!(metric("revised")[0].starts_with(",,,0,8,0,"), "{:?}", metric("revised"));
}

#[test]
fn a_collector_that_fails_says_why_and_until_when_it_waits() {
    let rollcall = Rollcall::new();
    let token = rollcall.file("token", "t0ps3cret\n");
    // Nothing listens at port 9 of this machine.
    let pull = format!(
        "[[pull]]\nname = \"okta\"\nkind = \"okta\"\nurl = \"http://127.0.0.1:9\"\ntoken_file = {token:?}\nevery_seconds = 10\n"
    );
    rollcall.file("rollcall.toml", pull);
    let server = rollcall.serve(&[]);
    let cookie = server.sign_in(&rollcall);
    let health = || server.get("/data-health", &cookie).1;
    eventually("it shows", || health().contains("1 collector: 1 failing. okta/system:"));
    let health = health();
    assert!(health.contains("Waits until") && !health.contains("t0ps3cret"), "{health}");
    server.stop();
}
