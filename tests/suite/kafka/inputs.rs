//! HTTP into Kafka, with TLS and SCRAM; topics of others.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use rdkafka::producer::Producer;

use super::broker::{Broker, PASSWORD, USER, send};
use super::work::{Worker, configure};
use crate::inputs::free_port;
use crate::rollcall::{Rollcall, eventually, github};

#[test]
fn what_inputs_take_in_goes_through_the_topic() {
    let mut broker = Broker::secure();
    let rollcall = Rollcall::new();
    let authority = broker.authority();
    let password = rollcall.file("password", format!("{PASSWORD}\n"));
    let further = format!(
        "topic = \"rollcall\"\npartitions = 3\npassword_file = \"{}\"\n\
         properties = {{ \"security.protocol\" = \"SASL_SSL\", \"sasl.mechanisms\" = \"SCRAM-SHA-512\", \
         \"sasl.username\" = \"{USER}\", \"ssl.ca.location\" = \"{}\", \"delivery.timeout.ms\" = \"4000\", \
         \"session.timeout.ms\" = \"3000\" }}",
        password.display(),
        authority.display(),
    );
    let port = free_port();
    let further = format!(
        "{further}\n[[syslog.listeners]]\naddress = \"127.0.0.1:{port}\"\nprotocol = \"tcp\"\n\
         collector = \"lan\"\nmax_message_bytes = 1000\n"
    );
    configure(&rollcall, &broker, &further);
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("?source=github", github(0, 700)), 700);
    let (status, body) = server.post("", "", &[]);
    assert_eq!((status, &*body), (200, "{\"accepted\":0}"));
    let worker = Worker::start(&rollcall, "one", 1);
    let count = || rollcall.number("SELECT count(*) FROM events");
    let cookie = server.sign_in(&rollcall);
    let health = || server.get("/data-health", &cookie).1;
    eventually("they are sealed", || count() == 700);
    eventually("the page says so", || health().contains("rollcall: 0 not sealed, in 3 partitions"));
    assert_eq!(
        rollcall.sql("SELECT DISTINCT source, collector LIKE 'test-%' FROM events"),
        ["github,true"]
    );
    // Kafka's own statement of when it was taken in.
    assert_eq!(rollcall.number("SELECT count(*) FROM events WHERE received > now()"), 0);
    // A record is taken once the broker has it, and not before.
    broker.stop();
    let mut syslog = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let message = "<38>1 2026-03-02T09:00:00Z web-1 sshd 7 - - Accepted password for ada from 203.0.113.5 port 1 ssh2";
    let long = "x".repeat(2_000);
    writeln!(syslog, "{message}\n<38>{long}").expect("sent");
    let (status, body) = server.post("?source=github", github(700, 1), &[]);
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("brokers"), "{body}");
    eventually("the page says that too", || {
        health().contains("How far workers are can&#39;t be told")
    });
    broker.start_again();
    eventually("the broker takes events again", || {
        server.post("?source=github", github(701, 100), &[]).0 == 200
    });
    eventually("they are sealed as well", || {
        rollcall.number("SELECT count(DISTINCT source_event_id) FROM events WHERE source_event_id >= 'doc-000000701'") == 100
    });
    eventually("what came by syslog meanwhile is sealed too, at least once", || {
        rollcall.number("SELECT count(*) FROM events WHERE source = 'sshd' AND collector = 'lan'")
            >= 1
            && rollcall.number("SELECT count(*) FROM quarantine WHERE source_hint = '(cut off)'")
                >= 1
    });
    worker.stop();
    server.stop();
    rollcall.run(&["verify"]);
    let wrong = rollcall.command(&["worker"]).env("ROLLCALL_KAFKA_BROKERS", "127.0.0.1:1").output();
    let wrong = wrong.expect("the binary runs");
    assert_eq!(wrong.status.code(), Some(3));
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("brokers") && !said.contains(PASSWORD), "{said}");
}

#[test]
fn topics_of_others_are_read_as_they_come() {
    let broker = Broker::start();
    broker.make("of-others", 1);
    let rollcall = Rollcall::new();
    configure(&rollcall, &broker, "topics = [{ name = \"of-others\", source = \"github\" }]");
    let server = rollcall.serve(&[]);
    let producer =
        broker.producer(&[("transactional.id", "theirs"), ("message.timeout.ms", "50000")]);
    let patience = Duration::from_secs(60);
    producer.init_transactions(patience).expect("ready");
    // Several records in one message, none in one, one that nobody can read; a transaction
    // that is taken back; its marks have offsets of their own.
    for (text, commits) in [
        (github(0, 3), true),
        (github(3, 5), false),
        (String::new(), true),
        ("[".to_owned() + github(8, 2).trim().replace('\n', ",").as_str() + "]", true),
        ("{\"nobody\":\"knows\"}".to_owned(), true),
    ] {
        producer.begin_transaction().expect("begun");
        send(&producer, "of-others", 0, text.as_bytes());
        match commits {
            true => producer.commit_transaction(patience).expect("committed"),
            false => {
                // It reaches the topic, and is taken back there.
                producer.flush(patience).expect("written");
                producer.abort_transaction(patience).expect("taken back");
            }
        }
    }
    let worker = Worker::start(&rollcall, "one", 1);
    eventually("all is accounted for", || {
        rollcall.number("SELECT count(*) FROM events_all") == 5
            && rollcall.number("SELECT count(*) FROM quarantine") == 2
    });
    worker.stop();
    assert_eq!(
        rollcall.sql("SELECT source_event_id, seq, part FROM events ORDER BY seq, part"),
        [
            "doc-000000000,0,0",
            "doc-000000001,0,1",
            "doc-000000002,0,2",
            "doc-000000008,6,0",
            "doc-000000009,6,1"
        ]
    );
    server.stop();
    rollcall.run(&["verify"]);
}
