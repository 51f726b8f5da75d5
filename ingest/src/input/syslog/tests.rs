//! Listeners with real sockets, and a log that takes its time.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;

use super::{Listener, ListenerSettings, open, run};
use crate::input::health::{CollectorKind, CollectorState, Collectors};
use crate::input::inputs::Inputs;
use crate::input::records;
use crate::input::sink::{NotStored, Sink};
use crate::log::Batch;
use crate::source::Sources;
use crate::tail::CUT_OFF;

/// What was stored: source and record.
#[derive(Debug, Default)]
struct Kept {
    records: Mutex<Vec<(String, Vec<u8>)>>,
    is_busy: AtomicBool,
    /// Whether the next is refused.
    refuses: AtomicBool,
}

impl Kept {
    fn all(&self) -> Vec<(String, Vec<u8>)> {
        self.records.lock().expect("unpoisoned").clone()
    }

    fn texts(&self) -> Vec<String> {
        self.all().iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

impl Sink for Kept {
    fn accept<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<u32, NotStored>> {
        if self.refuses.swap(false, Ordering::SeqCst) {
            let later = NotStored::Later("the brokers are away".to_owned());
            return Box::pin(async move { Err(later) });
        }
        let mut all = self.records.lock().expect("unpoisoned");
        for record in records::listed(&batch.payload) {
            all.push((batch.source.clone(), record.to_vec()));
        }
        let count = batch.count;
        Box::pin(async move { Ok(count) })
    }

    fn mark(&self, _: &str) -> Option<String> {
        None
    }

    fn is_busy(&self) -> bool {
        self.is_busy.load(Ordering::SeqCst)
    }
}

fn listeners(text: &str) -> Result<Vec<Listener>, String> {
    #[derive(serde::Deserialize)]
    struct Table {
        listeners: Vec<ListenerSettings>,
    }
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    open(&table.listeners, &Sources::default()).map_err(|error| error.to_string())
}

/// A listener at work; ended when it is dropped.
struct Bench {
    kept: Arc<Kept>,
    collectors: Arc<Collectors>,
    address: std::net::SocketAddr,
    name: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    inputs: Option<Inputs>,
    runtime: tokio::runtime::Runtime,
}

impl Bench {
    fn start(further: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let text = format!("[[listeners]]\naddress = \"127.0.0.1:0\"\n{further}\n");
        let listener = listeners(&text).expect("a listener").remove(0);
        let (address, name) = (listener.address(), listener.collector.clone());
        let (kept, collectors) = (Arc::new(Kept::default()), Arc::new(Collectors::default()));
        let (stop, asked) = tokio::sync::oneshot::channel();
        let entered = runtime.enter();
        let mut inputs = Inputs::new(kept.clone(), Arc::clone(&collectors), async move {
            let _ = asked.await;
        });
        inputs.add(|with| run(listener, with));
        let (stop, inputs) = (Some(stop), Some(inputs));
        drop(entered);
        Self { kept, collectors, address, name, stop, inputs, runtime }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).expect("a connection")
    }

    fn health(&self) -> crate::CollectorHealth {
        self.collectors.meter(CollectorKind::Syslog, &self.name).health()
    }

    /// Ends the listener in order.
    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(inputs) = self.inputs.take() {
            self.runtime.block_on(inputs.ended());
        }
    }
}

#[track_caller]
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never came true: {what}");
}

#[test]
fn both_framings_come_in_on_one_connection() {
    let mut bench = Bench::start("protocol = \"tcp\"\nsource = \"sshd\"\ncollector = \"lan\"");
    let mut one = bench.connect();
    one.write_all(b"<34>first\n10 <34>secon").expect("sent");
    eventually("the first is there", || bench.kept.texts() == ["<34>first"]);
    assert_eq!(bench.health().connections, Some(1));
    one.write_all(b"d<34>third\n<34>without an end").expect("sent");
    drop(one);
    let all = ["<34>first", "<34>second", "<34>third", "<34>without an end"];
    eventually("all are there", || bench.kept.texts() == all);
    assert!(bench.kept.all().iter().all(|(source, _)| source == "sshd"));
    let health = bench.health();
    assert_eq!((health.records, health.dropped), (4, 0));
    eventually("it has hung up", || bench.health().connections == Some(0));
    assert_eq!(health.state, CollectorState::Running);
    bench.end();
    assert_eq!(bench.health().state, CollectorState::Stopped);
}

#[test]
fn what_is_too_long_goes_apart_and_the_rest_goes_on() {
    let bench = Bench::start("protocol = \"tcp\"\nmax_message_bytes = 480");
    let mut one = bench.connect();
    let long = format!("<34>{}", "x".repeat(1_000));
    let sent = format!("{long}\n<34>one\n{} {long}<34>two\n200 <34>never whole", long.len());
    one.write_all(sent.as_bytes()).expect("sent");
    drop(one);
    eventually("all are there", || bench.kept.all().len() == 5);
    let all = bench.kept.all();
    let kept = long.as_bytes()[..480].to_vec();
    let of = |source: &str, text: &[u8]| (source.to_owned(), text.to_vec());
    assert_eq!(
        all,
        [
            of(CUT_OFF, &kept),
            of("", b"<34>one"),
            of(CUT_OFF, &kept),
            of("", b"<34>two"),
            of(CUT_OFF, b"<34>never whole"),
        ]
    );
}

#[test]
fn a_line_whose_end_never_came_is_cut_off() {
    let mut bench = Bench::start("protocol = \"tcp\"");
    let mut one = bench.connect();
    one.write_all(b"<34>one\n<34>hal").expect("sent");
    eventually("the first is there", || bench.kept.texts() == ["<34>one"]);
    // Nothing is read any more: its end is a reset.
    let socket = socket2::SockRef::from(&one);
    socket.set_linger(Some(Duration::ZERO)).expect("an option");
    drop(one);
    let of = |source: &str, text: &str| (source.to_owned(), text.as_bytes().to_vec());
    let both = [of("", "<34>one"), of(CUT_OFF, "<34>hal")];
    eventually("it is reset", || bench.kept.all() == both);
    let mut two = bench.connect();
    two.write_all(b"<34>two\n<34>ha").expect("sent");
    eventually("the next is there", || bench.kept.all().last() == Some(&of("", "<34>two")));
    bench.end();
    assert_eq!(bench.kept.all().last(), Some(&of(CUT_OFF, "<34>ha")));
}

#[test]
fn a_sender_waits_while_nothing_can_be_stored() {
    let mut bench = Bench::start("protocol = \"tcp\"");
    bench.kept.is_busy.store(true, Ordering::SeqCst);
    let mut one = bench.connect();
    let sending = std::thread::spawn(move || {
        for number in 0..200_000 {
            one.write_all(format!("<34>message number {number}\n").as_bytes()).expect("sent");
        }
    });
    eventually("it waits", || bench.health().state == CollectorState::Waiting);
    assert_eq!(bench.kept.all().len(), 0);
    bench.kept.refuses.store(true, Ordering::SeqCst);
    bench.kept.is_busy.store(false, Ordering::SeqCst);
    sending.join().expect("all was sent");
    eventually("all are there", || bench.kept.all().len() == 200_000);
    assert!(bench.health().last_error.is_some_and(|error| error.text.contains("brokers")));
    assert_eq!(bench.kept.texts().last().map(String::as_str), Some("<34>message number 199999"));
    bench.end();
}

#[test]
fn a_broken_connection_costs_no_other() {
    let bench = Bench::start("protocol = \"tcp\"\nidle_seconds = 1");
    let mut silent = bench.connect();
    let mut endless = bench.connect();
    endless.write_all(&vec![b'x'; 3 << 20]).expect("sent");
    let mut one = bench.connect();
    one.write_all(b"<34>one\n").expect("sent");
    eventually("it is there", || bench.kept.texts().iter().any(|text| text == "<34>one"));
    // Nothing came from it: the listener hangs up.
    assert_eq!(silent.read(&mut [0]).expect("its end"), 0);
    eventually("that is told", || bench.health().last_error.is_some());
}

#[test]
fn strangers_are_turned_away() {
    let bench = Bench::start("protocol = \"tcp\"\nallow = [\"192.0.2.0/24\", \"2001:db8::1\"]");
    let mut one = bench.connect();
    let _ = one.write_all(b"<34>one\n");
    // Closed, with what it sent or without.
    assert!(one.read(&mut [0]).map_or(true, |read| read == 0));
    eventually("that is told", || {
        bench.health().last_error.is_some_and(|error| error.text.contains("may not send"))
    });
    assert_eq!(bench.kept.all().len(), 0);
}

#[test]
fn a_datagram_is_a_message() {
    let mut bench = Bench::start("protocol = \"udp\"\nmax_message_bytes = 480");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let long = format!("<34>{}", "x".repeat(500));
    for text in ["<34>one\ntwo\n", "", "\n", &long, "7 <34>x"] {
        socket.send_to(text.as_bytes(), bench.address).expect("sent");
    }
    eventually("all are there", || bench.kept.all().len() == 3);
    assert_eq!(bench.kept.texts(), ["<34>one\ntwo", &long[..480], "7 <34>x"]);
    let sources: Vec<String> = bench.kept.all().into_iter().map(|(source, _)| source).collect();
    assert_eq!(sources, ["", CUT_OFF, ""]);
    bench.kept.is_busy.store(true, Ordering::SeqCst);
    socket.send_to(b"<34>last", bench.address).expect("sent");
    eventually("it waits", || bench.health().state == CollectorState::Waiting);
    bench.kept.is_busy.store(false, Ordering::SeqCst);
    bench.end();
    assert_eq!(bench.kept.texts().last().map(String::as_str), Some("<34>last"));
}

#[test]
fn settings_that_can_not_be_are_told() {
    let certificate = "certificate = \"/nowhere/tls.pem\"\nkey = \"/nowhere/tls.key\"";
    for (further, says) in [
        ("address = \"0.0.0.0:0\"\nprotocol = \"udp\"", "allow = ["),
        ("address = \"127.0.0.1:0\"\nprotocol = \"udp\"\nsource = \"sshdd\"", "sshd"),
        (
            "address = \"127.0.0.1:0\"\nprotocol = \"udp\"\nsource = \"rollcall\"",
            "nobody's to send",
        ),
        ("address = \"127.0.0.1:0\"\nprotocol = \"udp\"\nidle_seconds = 3", "no connections"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tcp\"\nmax_message_bytes = 100", "480 to"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tcp\"\nkey = \"x\"", "tls"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tls\"", "certificate and key"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tcp\"\ncollector = \"a b\"", "letters"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tcp\"\nallow = [\"10.0.0.0/40\"]", "10.0.0.0/8"),
        ("address = \"127.0.0.1:0\"\nprotocol = \"tcp\"\nport = 3", "port"),
        (
            &format!("address = \"127.0.0.1:0\"\nprotocol = \"tls\"\n{certificate}"),
            "/nowhere/tls.pem",
        ),
    ] {
        let refused = listeners(&format!("[[listeners]]\n{further}\n")).expect_err(further);
        assert!(refused.contains(says), "{further}: {refused}");
    }
    let one = "[[listeners]]\naddress = \"127.0.0.1:0\"\nprotocol = \"tcp\"\n";
    let refused = listeners(&one.repeat(2)).expect_err("twice");
    assert!(refused.contains("two listeners"), "{refused}");
}
