//! Webhooks and answers are collectors like others: what becomes of each is told.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use rollcall_lake::Lake;

use super::bench::Bench;
use crate::feedback::{Feedback, Link, Links};
use crate::scim::Scim;
use crate::{Collector, CollectorState, Collectors, HttpLimits, Tokens, router};

/// A collector of Okta's hook, and one of answers.
struct One;

impl Tokens for One {
    fn check(&self, token: &str) -> Result<Collector, String> {
        let of = |name: &str, source: &str| {
            let sources = vec![source.to_owned()];
            Collector { name: name.into(), sources: sources.into() }
        };
        match token {
            "rc_hook" => Ok(of("okta-hook", "okta")),
            "rc_survey" => Ok(of("survey", "rollcall")),
            _ => Err("unknown token".to_owned()),
        }
    }
}

const TWO: &str = r#"{"eventType":"com.okta.event_hook","data":{"events":[
    {"uuid":"a","published":"2026-03-02T10:00:00.000Z","eventType":"user.session.start","actor":{"id":"1"}},
    {"uuid":"b","published":"2026-03-02T10:00:01.000Z","eventType":"user.session.end","actor":{"id":"1"}}]}}"#;

/// Nobody provisions here.
fn scim(lake: &Arc<Lake>) -> Arc<Scim> {
    Arc::new(Scim::open(Arc::clone(lake), "http://rollcall.example", |_| {}).expect("a file"))
}

#[test]
fn a_hook_is_a_collector_from_its_first_request_on() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let collectors = Arc::new(Collectors::default());
    let feedback = Feedback::new(Arc::clone(&intake), Arc::clone(&collectors), &[7; 32]);
    let feedback = Arc::new(feedback);
    let app = router(
        Arc::clone(&intake),
        Arc::new(One),
        HttpLimits::default(),
        Arc::clone(&collectors),
        feedback,
        scim(&lake),
    );
    bench.runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let hook = format!("http://{}/v1/hooks/okta", listener.local_addr().expect("its address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let deliver = async |token: &str, body: &'static str| {
            let sent = client.post(&hook).header("authorization", token).body(body).send();
            sent.await.expect("an answer").status().as_u16()
        };
        assert_eq!(deliver("rc_nobodys", TWO).await, 401);
        assert!(collectors.health().is_empty(), "it is nobody's hook");

        let verified = client
            .get(&hook)
            .header("authorization", "rc_hook")
            .header("x-okta-verification-challenge", "c-1")
            .send();
        assert_eq!(verified.await.expect("an answer").status(), 200);
        let [shown] = &collectors.health()[..] else { panic!("one collector") };
        assert_eq!((shown.name.as_str(), shown.kind.word()), ("okta-hook", "hook"));
        assert_eq!((shown.state, shown.records), (CollectorState::Running, 0));

        assert_eq!(deliver("rc_hook", TWO).await, 204);
        assert_eq!(deliver("rc_hook", "hello").await, 400);
        let [shown] = &collectors.health()[..] else { panic!("one collector") };
        assert_eq!((shown.state, shown.records, shown.dropped), (CollectorState::Running, 2, 1));
        assert!(shown.bytes > 200 && shown.last_received.is_some());
        let error = shown.last_error.as_ref().expect("an error");
        assert!(error.text.contains("no JSON"), "{}", error.text);
    });
}

#[test]
fn a_delivery_is_small_and_what_is_cut_out_of_it_is_accounted_for() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    // Room for a page: for what came, and for nothing beside it.
    let narrow = HttpLimits { held_bytes: 4096, ..HttpLimits::default() };
    let large = vec![b' '; (8 << 20) + 1];
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &large).expect("memory");
    let packed = packed.finish().expect("memory");
    bench.runtime.block_on(async {
        let mut answers = Vec::new();
        for (limits, coding, body) in [
            (HttpLimits::default(), "identity", TWO.as_bytes()),
            (HttpLimits::default(), "identity", large.as_slice()),
            (HttpLimits::default(), "gzip", packed.as_slice()),
            (narrow, "identity", TWO.as_bytes()),
        ] {
            let collectors = Arc::new(Collectors::default());
            let feedback = Feedback::new(Arc::clone(&intake), Arc::clone(&collectors), &[7; 32]);
            let feedback = Arc::new(feedback);
            let app = router(
                Arc::clone(&intake),
                Arc::new(One),
                limits,
                collectors,
                feedback,
                scim(&lake),
            );
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("its address");
            let hook = format!("http://{address}/v1/hooks/okta");
            tokio::spawn(async move { axum::serve(listener, app).await });
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let request = client.post(&hook).header("authorization", "rc_hook");
            let request = request.header("content-encoding", coding).body(body.to_vec());
            answers.push(request.send().await.expect("an answer").status().as_u16());
        }
        assert_eq!(answers, [204, 413, 413, 503]);
    });
}

#[test]
fn a_link_is_answered_a_few_times_at_most() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let collectors = Arc::new(Collectors::default());
    let feedback = Feedback::new(intake, Arc::clone(&collectors), &[7; 32]);
    let links = Links::new(&[7; 32]);
    let link = links.sign(&Link::new(i64::MAX, None, None)).expect("signed");
    let answer = |score| bench.runtime.block_on(feedback.answer_link(&link, score, ""));
    assert!(answer(0).expect_err("no score").to_string().contains("1 (worst)"));
    for score in 1..=5 {
        answer(score).expect("taken");
    }
    assert!(answer(1).expect_err("enough").to_string().contains("5 times"));
    let another = links.sign(&Link::new(i64::MAX, None, None)).expect("signed");
    bench.runtime.block_on(feedback.answer_link(&another, 1, "")).expect("taken");
    let [shown] = &collectors.health()[..] else { panic!("one collector") };
    assert_eq!((shown.name.as_str(), shown.records), ("feedback", 6));
}

#[test]
fn who_has_no_token_holds_up_nobody_who_has_one() {
    let bench = Bench::new();
    let lake = bench.lake();
    let (intake, _) = bench.serve(&lake);
    let collectors = Arc::new(Collectors::default());
    let feedback = Feedback::new(Arc::clone(&intake), Arc::clone(&collectors), &[7; 32]);
    let limits = HttpLimits { concurrent: 1, ..HttpLimits::default() };
    let app = router(intake, Arc::new(One), limits, collectors, Arc::new(feedback), scim(&lake));
    bench.runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        let begun = b"POST /v1/feedback HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n{";
        let mut slow = Vec::new();
        for _ in 0..40 {
            let mut one = tokio::net::TcpStream::connect(address).await.expect("a connection");
            one.write_all(begun).await.expect("sent");
            slow.push(one);
        }
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!("http://{address}/v1/feedback");
        let answer = async |token: Option<&str>| {
            let request = client.post(&url).body(r#"{"score":4}"#);
            let request = match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            request.send().await.expect("an answer").status().as_u16()
        };
        let mut without = 0;
        for _ in 0..10_000 {
            without = answer(None).await;
            if without == 429 {
                break;
            }
            assert_eq!(without, 401, "not all of them are there yet");
        }
        assert_eq!(without, 429);
        assert_eq!(answer(Some("rc_survey")).await, 200);
        // The first of them isn't waited for long.
        let (mut said, mut piece) = (String::new(), [0; 1024]);
        while !said.contains("seconds") {
            let read = slow[0].read(&mut piece).await.expect("an answer");
            assert!(read > 0, "{said}");
            said.push_str(&String::from_utf8_lossy(&piece[..read]));
        }
        assert!(said.starts_with("HTTP/1.1 408") && said.contains("within 5 seconds"), "{said}");
    });
}
