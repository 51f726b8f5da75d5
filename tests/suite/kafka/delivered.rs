//! Webhooks and answers into Kafka: taken once the broker has them.

use serde_json::json;

use super::broker::Broker;
use super::work::{Worker, configure};
use crate::http::request;
use crate::rollcall::{Rollcall, eventually};

const HOOK: &str = r#"{"eventType":"com.okta.event_hook","data":{"events":[
    {"actor":{"id":"1","alternateId":"ada@corp.example"},"uuid":"u-1","published":"2026-09-21T13:33:21.000Z","eventType":"user.session.start","outcome":{"result":"SUCCESS"}},
    {"actor":{"id":"1","alternateId":"ada@corp.example"},"uuid":"u-2","published":"2026-09-21T13:33:22.000Z","eventType":"user.session.end","outcome":{"result":"SUCCESS"}}]}}"#;

#[test]
fn a_delivery_and_an_answer_go_through_the_topic() {
    let mut broker = Broker::start();
    let rollcall = Rollcall::new();
    let further = "topic = \"rollcall\"\npartitions = 2\n\
                   properties = { \"delivery.timeout.ms\" = \"4000\" }";
    configure(&rollcall, &broker, further);
    let server = rollcall.serve(&[]);
    let headers = [("authorization", server.token.clone())];
    let deliver = || {
        let sent = request(&server.address, "POST", "/v1/hooks/okta", &headers, HOOK.as_bytes());
        sent.expect("an answer").0
    };
    let link = rollcall.run(&["feedback", "link"]);
    let link = link.trim().rsplit('/').next().expect("a link");
    let answer = |score: u8| {
        let body = json!({"link": link, "score": score}).to_string();
        let sent = request(&server.address, "POST", "/v1/feedback", &[], body.as_bytes());
        sent.expect("an answer").0
    };
    assert_eq!((deliver(), answer(1), answer(5)), (204, 200, 200));
    let worker = Worker::start(&rollcall, "one", 1);
    let counted = "SELECT source, count(*), max(score) FROM events GROUP BY 1 ORDER BY 1";
    eventually("they are sealed", || rollcall.sql(counted) == ["okta,2,", "rollcall,1,5"]);
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 4);
    // What the broker doesn't have isn't taken: the vendor sends it again.
    broker.stop();
    assert_eq!((deliver(), answer(4)), (503, 503));
    broker.start_again();
    eventually("the broker takes deliveries again", || deliver() == 204);
    eventually("what came twice is told", || {
        rollcall.number("SELECT count(*) FROM set_aside WHERE verdict = 'duplicate'") >= 2
    });
    worker.stop();
    server.stop();
    assert_eq!(rollcall.sql(counted), ["okta,2,", "rollcall,1,5"]);
}
