//! Answers to one question, by link and by token.

use serde_json::json;

use crate::http::{exchange, request};
use crate::rollcall::{Rollcall, Server, eventually};

/// The path of a link.
fn path(link: &str) -> String {
    link.trim().splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path")
}

fn post(server: &Server, authorization: Option<&str>, body: &str) -> (u16, String) {
    let headers: Vec<(&str, String)> =
        authorization.map(|value| ("authorization", value.to_owned())).into_iter().collect();
    request(&server.address, "POST", "/v1/feedback", &headers, body.as_bytes()).expect("an answer")
}

/// Sends the page's form.
fn choose(server: &Server, path: &str, form: &str) -> (u16, String) {
    let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
    request(&server.address, "POST", path, &headers, form.as_bytes()).expect("an answer")
}

#[test]
fn a_link_asks_one_question_and_a_later_answer_replaces_the_one_before() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let made = rollcall.run(&["feedback", "link", "--flow", "102s", "--team", "platform"]);
    assert!(made.starts_with(&format!("{}/feedback/", server.address)), "{made}");
    let link = path(&made);
    let (head, page) = exchange(&server.address, "GET", &link, &[], b"").expect("a page");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(!head.contains("set-cookie"), "nobody is followed: {head}");
    for score in 1..=5 {
        assert!(page.contains(&format!("name=\"score\" value=\"{score}\"")), "{page}");
    }
    for tie in ["tied to the sign-in", "tied to your team, platform"] {
        assert!(page.contains(tie), "{tie}: {page}");
    }
    let (status, page) = choose(&server, &link, "score=2&comment=It+asked+twice%0D%0A%3Cb%3E");
    assert!(status == 200 && page.contains("Thank you"), "{page}");
    // The same person, on second thoughts; by the API this time.
    let text = link.rsplit('/').next().expect("a link");
    let again = json!({"link": text, "score": 4, "comment": "password=tr0ub4dor&3 was quick"});
    assert_eq!(post(&server, None, &again.to_string()).0, 200);
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT source, collector, activity, score, flow_id, resource, user_name, ip, user_agent FROM events"),
        ["rollcall,feedback,feedback,4,102s,team:platform,,,"]
    );
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 2);
    let first = "SELECT reason_raw FROM events_all WHERE score = 2";
    let comment = rollcall.run(&["sql", "--format", "json", first]);
    assert!(comment.contains(r"It asked twice\n<b>"), "{comment}");
    // Secrets that somebody types are cut out, as everywhere.
    let second = "SELECT reason_raw, raw_text(raw), redactions FROM events";
    let kept = rollcall.run(&["sql", "--format", "json", second]);
    assert!(!kept.contains("tr0ub4dor") && kept.contains("[redacted]"), "{kept}");
}

#[test]
fn links_are_this_installations_alone_and_expire() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let other = Rollcall::new();
    other.token();
    let links = rollcall.run(&["feedback", "link", "--count", "3"]);
    let links: Vec<&str> = links.lines().collect();
    assert_eq!(links.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let theirs = other.run(&["feedback", "link"]);
    let broken = links[0].replace('.', "A.");
    for wrong in [theirs.as_str(), &broken, &links[0][..links[0].len() - 3], "http://h/feedback/x"]
    {
        let path = path(wrong);
        let (status, page) = request(&server.address, "GET", &path, &[], b"").expect("an answer");
        assert!(status == 404 && page.contains("There is no such link"), "{wrong}: {page}");
        let (status, _) = choose(&server, &path, "score=5");
        assert_eq!(status, 404, "{wrong}");
        let body = json!({"link": path.rsplit('/').next(), "score": 5}).to_string();
        let (status, said) = post(&server, None, &body);
        assert!(status == 403 && said.contains("no such link"), "{said}");
    }
    for (score, status) in [("0", 400), ("6", 400), ("much", 422), ("", 422)] {
        let (answered, _) = choose(&server, &path(links[0]), &format!("score={score}"));
        assert_eq!(answered, status, "{score}");
    }
    let refused = rollcall.output(&["feedback", "link", "--days", "31"]);
    assert_eq!(refused.status.code(), Some(2));
    let long = "x".repeat(81);
    let refused = rollcall.output(&["feedback", "link", "--team", &long]);
    assert_eq!(refused.status.code(), Some(2), "a team's name that no answer could have");
    server.stop();
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 0);
}

#[test]
fn a_collector_hands_answers_in_if_its_token_may() {
    let rollcall = Rollcall::new();
    let server = rollcall.serve(&[]);
    let survey = rollcall.run(&["token", "create", "survey", "--source", "rollcall"]);
    let survey = format!("Bearer {}", survey.trim());
    let hub = rollcall.run(&["token", "create", "hub", "--source", "github"]);
    let hub = format!("Bearer {}", hub.trim());
    let answer = |id: &str, score: i64| {
        json!({"id": id, "score": score, "comment": "ok", "flow_id": "f-1"}).to_string()
    };
    eventually("the token is taken", || post(&server, Some(&survey), &answer("a-1", 5)).0 == 200);
    eventually("the other one is known", || post(&server, Some(&hub), &answer("x", 5)).0 == 403);
    assert_eq!(
        post(&server, Some(&survey), &answer("a-2", 1)),
        (200, r#"{"accepted":1}"#.to_owned())
    );
    // Without an id each is an answer of its own.
    for _ in 0..2 {
        assert_eq!(post(&server, Some(survey.as_str()), r#"{"score":3}"#).0, 200);
    }
    // Such a token sends nothing else.
    let headers = [("authorization", survey.clone())];
    let own = br#"{"rollcall_event":"feedback","id":"f","time":"2026-03-02T10:00:00Z","score":1}"#;
    let sent = request(&server.address, "POST", "/v1/events", &headers, own).expect("an answer");
    assert_eq!(sent.0, 403);
    for (authorization, body, status, told) in [
        (None, answer("x", 3), 401, "rollcall feedback link"),
        (Some("Bearer rc_x_y"), answer("x", 3), 401, "token"),
        (Some(survey.as_str()), answer("x", 0), 400, "from 1 (worst) to 5 (best)"),
        (Some(survey.as_str()), r#"{"score":3,"mood":1}"#.to_owned(), 400, "mood"),
        (Some(survey.as_str()), "hello".to_owned(), 400, "score"),
        (
            Some(survey.as_str()),
            json!({"score": 3, "link": "x", "flow_id": "f"}).to_string(),
            400,
            "alone",
        ),
        (
            Some(survey.as_str()),
            json!({"score": 3, "comment": "x".repeat(1_001)}).to_string(),
            400,
            "1001",
        ),
        (None, "x".repeat(17 * 1024), 413, "16384"),
    ] {
        let (answered, said) = post(&server, authorization, &body);
        assert!(answered == status && said.contains(told), "{status} {told}: {answered} {said}");
    }
    // Nor does a record that only looks like rollcall's own become one.
    assert_eq!(server.accepted("", own.to_vec()), 1);
    server.stop();
    assert_eq!(
        rollcall.sql("SELECT collector, score, count(*) FROM events GROUP BY 1, 2 ORDER BY 2"),
        ["survey,1,1", "survey,3,2", "survey,5,1"]
    );
    assert_eq!(rollcall.sql("SELECT verdict FROM set_aside"), ["quarantined"]);
    let shares = rollcall.run(&[
        "metric",
        "run",
        "feedback/favourable",
        "--from",
        "2020-01-01",
        "--to",
        "2100-01-01",
        "--format",
        "json",
    ]);
    let shares: serde_json::Value = serde_json::from_str(&shares).expect("JSON");
    let point = &shares["points"][0];
    assert_eq!((&point["k"], &point["n"]), (&json!(1), &json!(4)), "{shares}");
}
