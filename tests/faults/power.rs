//! The power is cut under load. Invariant 1: what was acknowledged is on the disk.
//! And where the disk had lied, nothing is silently wrong.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::answers::panicked;
use super::disk::Disk;
use super::load::{Told, load, status};
use super::moment::Moment;
use super::process::{Ended, Process};
use super::{Outcome, base, check, seeded};
use crate::rollcall::Rollcall;

/// How the file system orders what it writes; both are in use.
const OPTIONS: [&str; 2] = ["data=ordered", "data=writeback"];

/// One cut.
pub fn run(number: u64) -> Outcome {
    let mut random = seeded("power", number);
    let options = OPTIONS[usize::try_from(number / 8).expect("small") % 2];
    let mut disk = match Disk::mount(options) {
        Ok(disk) => disk,
        Err(reason) => return Outcome::NotRun(reason),
    };
    let (rollcall, told) = begun(&disk, &mut random, number);
    let moment = Moment::of(number, &mut random);
    let cut = cut_under_load(&disk, &rollcall, &told, (moment, &mut random), &[]);
    let Cut { ended, came, seen } = cut;
    ended.must_say_why(&rollcall.data());
    assert!(!ended.status.success(), "it went on without a disk");
    assert!(came, "the moment never came: {}", moment.word());
    disk.back(options);
    check::works(&rollcall);
    check::all(&rollcall, &told, &seen);
    Outcome::held(moment.word())
}

/// One cut after an fsync, or all from one on, that returned and did nothing, as some
/// disks do. What hung on it may be gone; the rest works, or says which file is damaged.
pub fn run_after_a_lie(number: u64) -> Outcome {
    let mut random = seeded("lie", number);
    let mut disk = match Disk::mount(OPTIONS[0]) {
        Ok(disk) => disk,
        Err(reason) => return Outcome::NotRun(reason),
    };
    let (rollcall, told) = begun(&disk, &mut random, 4);
    let call = if random.random_bool(0.7) { "fsync" } else { "fdatasync" };
    let from = random.random_range(1..40);
    let on = if random.random_bool(0.5) { "+" } else { "" };
    let inject = format!("inject={call}:retval=0:when={from}{on}");
    let file = disk.folder().with_file_name("trace");
    let file = file.to_str().expect("a path");
    let strace = ["strace", "-D", "-f", "-o", file, "-e", "trace=fsync,fdatasync", "-e", &inject];
    let strace: Vec<String> = strace.into_iter().map(str::to_owned).collect();
    let moment = Moment::of(number, &mut random);
    let cut = cut_under_load(&disk, &rollcall, &told, (moment, &mut random), &strace);
    let ended = cut.ended;
    assert!(!panicked(&ended.said), "{}", ended.said);
    disk.back(OPTIONS[0]);
    let server = Process::serve(&rollcall, &[], &[]);
    if server.address.is_none() {
        server.ended().must_say_why(&rollcall.data());
        return Outcome::held("the start names the damaged file");
    }
    server.terminate();
    let ended = server.ended();
    ended.must_say_why(&rollcall.data());
    if !ended.status.success() {
        return Outcome::held("the end names the damaged file");
    }
    after_a_lie(&rollcall, &told)
}

/// Queries name a damaged file, or nothing is torn, doubled or never sent.
fn after_a_lie(rollcall: &Rollcall, told: &Told) -> Outcome {
    let output = rollcall.output(&["sql", "SELECT max(length(raw)) FROM events_all"]);
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let named = said.contains(rollcall.data().to_str().expect("a path"));
        assert!(named && !panicked(&said), "a query failed without a file's name: {said}");
        return Outcome::held("queries name the damaged file");
    }
    let stored = check::Stored::ask(rollcall, told);
    let lost = stored.lost(told).len();
    let found = check::verify_finds(rollcall);
    // Verdicts are committed first: those of lost events may be there, but none is gone.
    assert!(found.is_some() || !stored.misses_verdicts(), "{stored:?}, and nothing is found");
    match (lost, found.is_some()) {
        (0, false) => Outcome::held("nothing was lost"),
        (0, true) => Outcome::held("no event was lost, `verify` finds what else was"),
        (_, false) => Outcome::held("what the disk had not kept is gone, the rest is whole"),
        (_, true) => Outcome::held("what the disk had not kept is gone, and `verify` finds it"),
    }
}

/// A directory on the disk, synchronised; with a history where the number says so.
fn begun(disk: &Disk, random: &mut ChaCha8Rng, number: u64) -> (Rollcall, Told) {
    let folder = disk.folder().join("home");
    std::fs::create_dir(&folder).expect("a folder");
    let rollcall = Rollcall::within(&folder);
    if number % 8 == 4 || random.random_bool(0.5) {
        let (rollcall, told) = base::copy_into(rollcall);
        disk.sync();
        return (rollcall, told);
    }
    (rollcall, Told::default())
}

/// How a server ended, whether its moment came, and the checkpoint just before.
struct Cut {
    ended: Ended,
    came: bool,
    seen: Vec<u8>,
}

fn cut_under_load(
    disk: &Disk,
    rollcall: &Rollcall,
    told: &Told,
    (moment, random): (Moment, &mut ChaCha8Rng),
    outer: &[String],
) -> Cut {
    let token = rollcall.token();
    disk.sync();
    let environment = [("ROLLCALL_SEAL_ROWS", moment.seal_rows(random).to_string())];
    let switch = disk.switch();
    let mut server = Process::serve(rollcall, outer, &environment);
    let address = server.address.clone().expect("a server");
    let watch = moment.watch(&rollcall.data());
    let mut seen = Vec::new();
    let came = load((&address, &token), told, moment.pace(), watch, || {
        seen = check::checkpoint(&rollcall.data());
        told.dark.store(true, Ordering::SeqCst);
        switch.cut();
    });
    until_it_knows(&mut server, (&address, &token), told);
    Cut { ended: server.ended(), came, seen }
}

/// It may wait for records: requests show it that the disk is gone. Where it can't even
/// read who sends them, it refuses them all, and waits until somebody ends it.
fn until_it_knows(server: &mut Process, (address, token): (&str, &str), told: &Told) {
    let mut refused = 0;
    while refused < 20 && !server.has_ended() {
        match status(address, token, told, 1) {
            Some(500..) => refused += 1,
            // It is ending.
            None => return,
            Some(_) => refused = 0,
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    server.kill();
}
