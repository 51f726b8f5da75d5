//! kill -9 under load. Invariants 1 and 4: every acknowledged event is there
//! exactly once, whatever the moment.

use std::time::Duration;

use rand::Rng;

use super::load::load;
use super::moment::Moment;
use super::process::Process;
use super::{Outcome, base, check, seeded};

/// One kill; every fourth time a second one while the next start reads the log.
pub fn run(number: u64) -> Outcome {
    let mut random = seeded("kill", number);
    let moment = Moment::of(number, &mut random);
    let old = moment == Moment::Checkpoint || random.random_bool(0.5);
    let (rollcall, told) = if old { base::copy() } else { base::empty() };
    let rows = moment.seal_rows(&mut random);
    let environment = [("ROLLCALL_SEAL_ROWS", rows.to_string())];
    let token = rollcall.token();
    let mut server = Process::serve(&rollcall, &[], &environment);
    let address = server.address.clone().expect("a server");
    let watch = moment.watch(&rollcall.data());
    let mut seen = Vec::new();
    let came = load((&address, &token), &told, moment.pace(), watch, || {
        seen = check::checkpoint(&rollcall.data());
        server.kill();
    });
    assert!(server.ended().was_killed(), "the kill ended it");
    assert!(came, "the moment never came: {}", moment.word());
    let again = random.random_bool(0.25);
    if again {
        let command = rollcall.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut server = Process::start(command);
        std::thread::sleep(Duration::from_micros(random.random_range(0..60_000)));
        server.kill();
    }
    check::works(&rollcall);
    check::all(&rollcall, &told, &seen);
    let twice = if again { ", and in the start after it" } else { "" };
    Outcome::Held(format!("{}{twice}", moment.word()))
}
