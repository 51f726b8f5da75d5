//! Webhooks and answers are collectors like others: what becomes of each is told.

use std::sync::Arc;

use super::bench::Bench;
use crate::feedback::{Feedback, Link, Links};
use crate::{Collector, CollectorState, Collectors, HttpLimits, Tokens, router};

/// One collector, of Okta's hook.
struct One;

impl Tokens for One {
    fn check(&self, token: &str) -> Result<Collector, String> {
        let sources = vec!["okta".to_owned()];
        match token {
            "rc_hook" => Ok(Collector { name: "okta-hook".into(), sources: sources.into() }),
            _ => Err("unknown token".to_owned()),
        }
    }
}

const TWO: &str = r#"{"eventType":"com.okta.event_hook","data":{"events":[
    {"uuid":"a","published":"2026-03-02T10:00:00.000Z","eventType":"user.session.start","actor":{"id":"1"}},
    {"uuid":"b","published":"2026-03-02T10:00:01.000Z","eventType":"user.session.end","actor":{"id":"1"}}]}}"#;

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
            let app = router(Arc::clone(&intake), Arc::new(One), limits, collectors, feedback);
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
