//! Records that retention removed, topics that were made again.

use super::broker::Broker;
use super::work::{Worker, configure};
use crate::rollcall::{Rollcall, eventually, github};

fn lines(from: i64, count: i64) -> Vec<String> {
    github(from, count).lines().map(str::to_owned).collect()
}

#[track_caller]
fn sealed(rollcall: &Rollcall, count: i64) {
    eventually("the rows are sealed", || {
        rollcall.number("SELECT count(*) FROM events_all") == count
    });
}

#[test]
fn what_retention_removed_is_an_error_and_then_a_stated_gap() {
    let broker = Broker::start();
    broker.make("audit", 1);
    let rollcall = Rollcall::new();
    configure(&rollcall, &broker, "topics = [{ name = \"audit\" }]");
    let server = rollcall.serve(&[]);
    broker.write("audit", 0, &lines(0, 20));
    // What was gone before the first look is a gap that nobody was promised anything of.
    broker.remove_before("audit", 0, 5);
    let worker = Worker::start(&rollcall, "one", 1);
    sealed(&rollcall, 15);
    worker.stop();
    broker.write("audit", 0, &lines(20, 20));
    broker.remove_before("audit", 0, 30);
    let (status, said) = Worker::start(&rollcall, "one", 1).ended();
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("topic audit, partition 0: records 20 to 29 are gone"), "{said}");
    assert!(said.contains("--accept-loss"), "{said}");
    let worker = Worker::with(&rollcall, "one", 1, &["--accept-loss"]);
    sealed(&rollcall, 25);
    worker.stop();
    assert_eq!(
        rollcall.sql("SELECT min(seq), max(seq), count(DISTINCT seq) FROM events_all"),
        ["5,39,25"]
    );
    server.stop();
    rollcall.run(&["verify"]);
}

#[test]
fn a_topic_that_was_made_again_is_another_stream() {
    let broker = Broker::start();
    broker.make("audit", 1);
    let rollcall = Rollcall::new();
    configure(&rollcall, &broker, "topics = [{ name = \"audit\" }]");
    let server = rollcall.serve(&[]);
    broker.write("audit", 0, &lines(0, 30));
    let worker = Worker::start(&rollcall, "one", 1);
    sealed(&rollcall, 30);
    worker.stop();
    broker.delete("audit");
    broker.make("audit", 1);
    // Under the same offsets as others before.
    broker.write("audit", 0, &lines(30, 10));
    let worker = Worker::start(&rollcall, "one", 1);
    sealed(&rollcall, 40);
    worker.stop();
    assert_eq!(
        rollcall
            .sql("SELECT count(*), min(seq), max(seq) FROM events_all GROUP BY shard ORDER BY 1"),
        ["10,0,9", "30,0,29"]
    );
    server.stop();
    rollcall.run(&["verify"]);
}
