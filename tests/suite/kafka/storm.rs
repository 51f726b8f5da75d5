//! Events come in while workers are killed and the broker is restarted: each is there
//! once, by position and by its own id.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::producer::Producer;

use super::broker::{Broker, send};
use super::work::{Worker, configure};
use crate::rollcall::{Rollcall, github};

const TOPIC: &str = "github-audit";
const PARTITIONS: i32 = 6;

/// How much, and how rough: more by `ROLLCALL_KAFKA_STORM=events,restarts,kills`.
fn measure() -> (i64, usize, usize) {
    let said = std::env::var("ROLLCALL_KAFKA_STORM").unwrap_or_else(|_| "60000,1,3".to_owned());
    let numbers: Vec<i64> = said.split(',').map(|n| n.parse().expect("a number")).collect();
    let count = |n: usize| usize::try_from(numbers[n]).expect("a count");
    (numbers[0], count(1), count(2))
}

#[test]
fn each_event_is_there_once_whatever_is_killed_and_restarted() {
    let (events, restarts, kills) = measure();
    let mut broker = Broker::start();
    broker.make(TOPIC, PARTITIONS);
    let rollcall = Rollcall::new();
    configure(
        &rollcall,
        &broker,
        &format!(
            "topics = [{{ name = \"{TOPIC}\", source = \"github\" }}]\n\
             properties = {{ \"session.timeout.ms\" = \"3000\", \"heartbeat.interval.ms\" = \"500\" }}"
        ),
    );
    let server = rollcall.serve(&[]);
    let producer = broker.producer(&[]);
    let written = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Spread over the faults.
            let pause = Duration::from_millis(if events > 1_000_000 { 0 } else { 20 });
            for from in (0..events).step_by(500) {
                for (line, n) in github(from, 500.min(events - from)).lines().zip(from..) {
                    let partition = i32::try_from(n % i64::from(PARTITIONS)).expect("small");
                    send(&producer, TOPIC, partition, line.as_bytes());
                }
                std::thread::sleep(pause);
            }
            producer.flush(Duration::from_secs(300)).expect("written");
            written.store(true, Ordering::Release);
        });
        let mut workers = ["one", "two"].map(|name| Worker::start(&rollcall, name, 1));
        let mut restarted = 0;
        for kill in 0..kills {
            wait(Duration::from_millis(1_300 + 170 * (kill as u64 % 7)));
            let which = kill % 2;
            let name = ["one", "two"][which];
            let new = Worker::start(&rollcall, &format!("{name}{kill}"), 1);
            std::mem::replace(&mut workers[which], new).kill();
            if restarted < restarts && kill * restarts >= restarted * kills {
                broker.restart();
                restarted += 1;
            }
        }
        assert_eq!(restarted, restarts);
        let begun = Instant::now();
        let patience = Duration::from_secs(120 + events.unsigned_abs() / 20_000);
        let there = || rollcall.number("SELECT count(*) FROM events_all");
        while !(written.load(Ordering::Acquire) && there() >= events) {
            if begun.elapsed() > patience {
                let said = workers.each_ref().map(Worker::said).join("\n");
                panic!("{} of {events} rows after {patience:?}: {said}", there());
            }
            wait(Duration::from_millis(500));
        }
        // The last that was started may still be on its way.
        workers.iter().for_each(Worker::reads);
        workers.into_iter().for_each(Worker::stop);
    });
    let counts = "SELECT count(*), count(DISTINCT source_event_id), \
        count(DISTINCT shard * 1000000000000 + seq), count(DISTINCT shard) FROM events_all";
    let all = format!("{events},{events},{events},{PARTITIONS}");
    assert_eq!(rollcall.sql(counts), [all]);
    assert_eq!(rollcall.number("SELECT count(*) FROM set_aside"), 0);
    server.stop();
    rollcall.run(&["verify"]);
}

/// What is waited for here is the world, not the program.
fn wait(time: Duration) {
    std::thread::sleep(time);
}
