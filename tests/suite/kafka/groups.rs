//! Partitions that go to another worker.

use super::broker::Broker;
use super::work::{Worker, configure};
use crate::rollcall::{Rollcall, eventually, github};

fn lines(from: i64, count: i64) -> Vec<String> {
    github(from, count).lines().map(str::to_owned).collect()
}

#[test]
fn a_worker_that_lost_its_partition_cannot_commit() {
    let broker = Broker::start();
    broker.make("audit", 1);
    let rollcall = Rollcall::new();
    configure(
        &rollcall,
        &broker,
        "topics = [{ name = \"audit\" }]\n\
         properties = { \"session.timeout.ms\" = \"2000\", \"heartbeat.interval.ms\" = \"300\" }",
    );
    let server = rollcall.serve(&[]);
    // It reads and doesn't seal by itself.
    let first = Worker::start(&rollcall, "first", 3_600);
    first.reads();
    broker.write("audit", 0, &lines(0, 1_000));
    // Handed on within the next look; then it hangs, with rows in memory.
    std::thread::sleep(std::time::Duration::from_secs(2));
    first.freeze();
    let second = Worker::start(&rollcall, "second", 1);
    eventually("the second seals what the first has read", || {
        rollcall.number("SELECT count(*) FROM events") == 1_000
    });
    first.thaw();
    // It is asked for its partition, tries to seal, and drops what it has.
    eventually("the first drops what it read", || {
        first.said().contains("another worker has sealed it")
    });
    broker.write("audit", 0, &lines(1_000, 500));
    second.stop();
    first.stop();
    let third = Worker::start(&rollcall, "third", 1);
    let counts = "SELECT count(*) FROM events";
    eventually("everything is there", || rollcall.number(counts) == 1_500);
    third.reads();
    third.stop();
    let counts =
        "SELECT count(*), count(DISTINCT source_event_id), count(DISTINCT seq) FROM events_all";
    assert_eq!(rollcall.sql(counts), ["1500,1500,1500"]);
    server.stop();
    rollcall.run(&["verify"]);
}

#[test]
fn an_event_that_comes_to_two_workers_is_a_duplicate_for_the_second() {
    let broker = Broker::start();
    broker.make("audit", 2);
    let rollcall = Rollcall::new();
    configure(&rollcall, &broker, "topics = [{ name = \"audit\" }]");
    let server = rollcall.serve(&[]);
    let workers = ["one", "two"].map(|name| Worker::start(&rollcall, name, 1));
    workers.iter().for_each(Worker::reads);
    broker.write("audit", 0, &lines(0, 100));
    eventually("the first hundred are sealed", || {
        rollcall.number("SELECT count(*) FROM events") == 100
    });
    // Each worker looks at what the others sealed every few seconds, and before it begins
    // with a partition.
    workers.into_iter().for_each(Worker::stop);
    let workers = ["one", "two"].map(|name| Worker::start(&rollcall, name, 1));
    broker.write("audit", 1, &lines(0, 100));
    eventually("the second hundred have their verdict", || {
        rollcall.number("SELECT count(*) FROM set_aside WHERE verdict = 'duplicate'") == 100
    });
    assert_eq!(rollcall.number("SELECT count(*) FROM events_all"), 100);
    workers.into_iter().for_each(Worker::stop);
    server.stop();
    rollcall.run(&["verify"]);
}
