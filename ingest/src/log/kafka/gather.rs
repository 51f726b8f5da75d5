//! Messages into records of shards, a batch at a time.

use std::sync::Arc;

use bytes::Bytes;
use rdkafka::Message as _;
use rdkafka::message::BorrowedMessage;

use super::producer::BETWEEN;
use crate::input::records::cut;
use crate::tail::{Message, Messages, Run};

/// A partition that is read, and what was gathered of it.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) shard: i32,
    /// The source of what others write; `None` for the own topic, whose records' keys
    /// tell it.
    pub(crate) fixed: Option<Arc<str>>,
    /// The latest time of receipt, µs since 1970 UTC: it never goes back.
    pub(crate) received: i64,
    key: Vec<u8>,
    bytes: Vec<u8>,
    runs: Vec<Run>,
}

impl Partition {
    pub(crate) fn new(
        topic: String,
        partition: i32,
        shard: i32,
        fixed: Option<Arc<str>>,
        received: i64,
    ) -> Self {
        let (key, bytes, runs) = Default::default();
        Self { topic, partition, shard, fixed, received, key, bytes, runs }
    }

    /// Adds a message: a record of the own topic, or whatever others put into one. `now`
    /// in µs since 1970 UTC.
    fn add(&mut self, offset: i64, key: &[u8], payload: &[u8], sent: Option<i64>, now: i64) {
        // What the own inputs wrote was taken in when they wrote it.
        let taken = if self.fixed.is_none() { sent.map_or(now, |sent| sent.min(now)) } else { now };
        let received = taken.max(self.received);
        let same = self.runs.last().is_some_and(|run| run.received == received);
        if !same || self.key != key {
            self.received = received;
            key.clone_into(&mut self.key);
            let (source, collector) = self.sender();
            let (start, messages) = (self.bytes.len(), Vec::new());
            self.runs.push(Run { source, collector, received, start, messages });
        }
        let Some(run) = self.runs.last_mut() else { return };
        let mut put = |record: &[u8]| {
            self.bytes.extend_from_slice(record);
            run.messages.push(Message { seq: offset, end: self.bytes.len() });
        };
        let mut is_empty = true;
        if self.fixed.is_some() {
            for record in cut(payload) {
                put(record);
                is_empty = false;
            }
        }
        if is_empty {
            put(payload);
        }
    }

    /// Source and collector of records with the present key.
    fn sender(&self) -> (Arc<str>, Arc<str>) {
        if let Some(source) = &self.fixed {
            return (Arc::clone(source), Arc::from(&*self.topic));
        }
        let text = std::str::from_utf8(&self.key).unwrap_or_default();
        match text.split_once(char::from(BETWEEN)) {
            Some((source, collector)) => (Arc::from(source), Arc::from(collector)),
            // Somebody else wrote it.
            None => (Arc::from(""), Arc::from(&*self.topic)),
        }
    }

    fn take(&mut self) -> Option<Messages> {
        if self.runs.is_empty() {
            return None;
        }
        self.key.clear();
        Some(Messages {
            shard: self.shard,
            bytes: Bytes::from(std::mem::take(&mut self.bytes)),
            runs: std::mem::take(&mut self.runs),
        })
    }
}

/// What was gathered of all partitions.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    partitions: Vec<Partition>,
    /// The partition of the last message: the next is probably of the same.
    last: usize,
}

impl Gathered {
    pub(crate) const fn new(partitions: Vec<Partition>) -> Self {
        Self { partitions, last: 0 }
    }

    pub(crate) fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// Adds a message; gives the bytes that it added. One of a partition that isn't
    /// read any more is left to whoever reads it now.
    pub(crate) fn add(&mut self, message: &BorrowedMessage<'_>, now: i64) -> usize {
        let (topic, number) = (message.topic(), message.partition());
        let is_it = |one: &Partition| one.partition == number && one.topic == topic;
        if !self.partitions.get(self.last).is_some_and(is_it) {
            match self.partitions.iter().position(is_it) {
                Some(found) => self.last = found,
                None => return 0,
            }
        }
        let Some(partition) = self.partitions.get_mut(self.last) else { return 0 };
        let payload = message.payload().unwrap_or_default();
        let sent = message.timestamp().to_millis().map(|millis| millis.saturating_mul(1_000));
        partition.add(message.offset(), message.key().unwrap_or_default(), payload, sent, now);
        payload.len()
    }

    /// What was gathered since the last time.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Messages> {
        self.partitions.iter_mut().filter_map(Partition::take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(messages: &Messages) -> Vec<(i64, i64, String, String, Vec<String>)> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let of = |run: &Run| {
            let mut start = run.start;
            let records = run.messages.iter().map(|one| {
                let record = text(&messages.bytes[start..one.end]);
                start = one.end;
                record
            });
            let records: Vec<String> = records.collect();
            let first = run.messages.first().map_or(-1, |one| one.seq);
            (first, run.received, run.source.to_string(), run.collector.to_string(), records)
        };
        messages.runs.iter().map(of).collect()
    }

    #[test]
    fn records_of_one_sender_and_instant_are_one_run() {
        let mut own = Partition::new("rollcall".to_owned(), 0, 7, None, 1_000);
        for (offset, key, payload, sent) in [
            (4, "okta\0hook", "{}", Some(2_000)),
            (5, "okta\0hook", "[1]\n[2]", Some(2_000)),
            // Clocks of inputs may differ; the receipt never goes back.
            (6, "okta\0hook", "a", Some(500)),
            (7, "\0other", "b", Some(2_000)),
            (9, "no key of ours", "c", Some(9_000)),
        ] {
            own.add(offset, key.as_bytes(), payload.as_bytes(), sent, 8_000);
        }
        let messages = own.take().expect("records");
        assert_eq!(messages.shard, 7);
        let run = |first, received, source: &str, collector: &str, records: &[&str]| {
            let records = records.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            (first, received, source.to_owned(), collector.to_owned(), records)
        };
        assert_eq!(
            texts(&messages),
            [
                run(4, 2_000, "okta", "hook", &["{}", "[1]\n[2]", "a"]),
                run(7, 2_000, "", "other", &["b"]),
                run(9, 8_000, "", "rollcall", &["c"]),
            ]
        );
        assert!(own.take().is_none());
    }

    #[test]
    fn a_message_of_others_may_hold_several_records_or_none() {
        let fixed = Some(Arc::from("duo"));
        let mut theirs = Partition::new("duo-raw".to_owned(), 2, 3, fixed, 0);
        theirs.add(0, b"", b"{\"a\":1}\n{\"a\":2}\n", Some(5), 10);
        theirs.add(1, b"", b"", Some(5), 10);
        let messages = theirs.take().expect("records");
        let seqs: Vec<i64> =
            messages.runs.iter().flat_map(|run| run.messages.iter().map(|one| one.seq)).collect();
        assert_eq!(seqs, [0, 0, 1]);
        let (_, received, source, collector, records) = texts(&messages).remove(0);
        assert_eq!((received, &*source, &*collector), (10, "duo", "duo-raw"));
        assert_eq!(records, ["{\"a\":1}", "{\"a\":2}", ""]);
    }
}
