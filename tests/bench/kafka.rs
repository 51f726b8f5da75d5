//! A topic to sealed Parquet: a backlog, read by one worker beside a server, with the
//! broker on the same machine.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;
use rdkafka::{Message as _, Offset, TopicPartitionList};

use crate::broker::{Broker, send};
use crate::served::Served;
use crate::{Figure, events, per_second, rate, rollcall};

const TOPIC: &str = "events";
const PARTITIONS: i32 = 4;
/// How long a worker does nothing where it has read everything.
const REST: Duration = Duration::from_secs(4);

pub fn run(scratch: &Path, events: u64) -> Vec<Figure> {
    let broker = Broker::start();
    broker.make(TOPIC, PARTITIONS);
    fill(&broker, events);
    let read = consume(&broker, events);
    let data = scratch.join("from-kafka");
    let server = Served::start(&data);
    let mut command = Command::new(rollcall());
    let config = scratch.join("kafka.toml");
    let text = format!(
        "[kafka]\nbrokers = \"{}\"\ntopics = [{{ name = \"{TOPIC}\", source = \"github\" }}]\n",
        broker.address()
    );
    fs::write(&config, text).expect("a file");
    command.args(["worker", "--data"]).arg(&data).arg("--config").arg(&config);
    let begun = Instant::now();
    let mut worker = command.stdout(Stdio::null()).spawn().expect("runs");
    let mut held = Vec::new();
    // What fills no file is sealed at the end: it has read everything when it is at rest, also
    // where others use the machine.
    let (mut busy, mut ticks) = (begun, 0);
    while held.len() < 20 || busy.elapsed() < REST {
        std::thread::sleep(Duration::from_millis(250));
        assert!(worker.try_wait().expect("asked").is_none(), "the worker has ended");
        held.push(resident(worker.id()));
        let before = std::mem::replace(&mut ticks, used(worker.id()));
        if ticks > before + 2 {
            busy = Instant::now();
        }
    }
    let read_at = busy - begun;
    let ending = Instant::now();
    let id = worker.id().to_string();
    Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
    assert!(worker.wait().expect("ends").success());
    let took = read_at + ending.elapsed();
    assert_eq!(rows(&data), events, "each event once");
    drop(server);
    let half = held.len() / 2;
    let most = |some: &[u64]| some.iter().max().copied().unwrap_or_default();
    vec![Figure {
        name: format!(
            "Kafka to sealed Parquet: {events} events of 470 bytes waiting, one worker, the broker beside it"
        ),
        ours: format!(
            "{}; at most {} MiB, in the second half {} MiB",
            rate(events, took),
            most(&held),
            most(&held[half..])
        ),
        theirs: format!("only consuming them {}", rate(events, read)),
        ratio: format!("{:.2}", per_second(events, took) / per_second(events, read)),
    }]
}

fn fill(broker: &Broker, events: u64) {
    let producer = broker.producer(&[("linger.ms", "100"), ("batch.num.messages", "10000")]);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for number in 0..events {
        let line = events::line(number, &mut random);
        let partition = i32::try_from(number % 4).expect("small");
        send(&producer, TOPIC, partition, line.trim_end().as_bytes());
    }
    producer.flush(Duration::from_secs(600)).expect("written");
}

/// What takes the messages and does nothing with them.
fn consume(broker: &Broker, events: u64) -> Duration {
    let consumer = consumer(broker);
    let begun = Instant::now();
    let (mut count, mut bytes) = (0, 0);
    while count < events {
        if let Some(Ok(message)) = consumer.poll(Duration::from_secs(1)) {
            count += 1;
            bytes += message.payload().map_or(0, <[u8]>::len);
        }
    }
    assert!(bytes > 0);
    begun.elapsed()
}

/// What reads all partitions of the topic from the beginning.
fn consumer(broker: &Broker) -> BaseConsumer {
    let mut config = broker.client();
    config.set("group.id", "reader").set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(TOPIC, partition, Offset::Beginning).expect("in range");
    }
    consumer.assign(&list).expect("assigned");
    consumer
}

/// Rows that commits name, by the files' names.
fn rows(data: &Path) -> u64 {
    let files = fs::read_dir(data.join("events")).into_iter().flatten().flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let count = |name: String| {
        let (rest, _) = name.strip_suffix(".parquet")?.rsplit_once("rows_")?;
        rest.rsplit_once('_')?.1.parse::<u64>().ok()
    };
    names.filter_map(count).sum()
}

/// MiB of memory that a process holds.
fn resident(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

/// Clock ticks that a process has used.
fn used(id: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().into_iter().flat_map(str::split_whitespace);
    fields.skip(11).take(2).map(|field| field.parse::<u64>().unwrap_or_default()).sum()
}
