//! What an input may cost, in proportion to its size; panics, and inputs that never end.
//! Time in which another process had the processor isn't counted.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rollcall_ingest::probe::{Seen, Target};

use crate::memory;

/// What the process ends with after an input that doesn't.
pub const HANGS: i32 = 97;

/// Time for any input at all, and for each byte of it.
const TIME: Duration = Duration::from_millis(50);
const TIME_A_BYTE: Duration = Duration::from_micros(2);
/// Memory for any input at all, and for each byte of it: a record of two bytes has a
/// verdict with its reason, and the rows of one record may hold it again up to 16 MiB in
/// all (several columns of each, growing to twice that).
const MEMORY: usize = 256 << 20;
const MEMORY_A_BYTE: usize = 1_000;
/// After this long an input is one that never ends.
const END: Duration = Duration::from_secs(30);

/// What an input led to.
pub enum Outcome {
    /// It was read; what it led to.
    Read(Seen),
    /// It broke the parser: in what way, and how that is said.
    Broke(&'static str, String),
}

/// What an input cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// How long it took.
    pub took: Duration,
    /// Most bytes held at a time.
    pub held: usize,
}

/// Time that passes for this thread alone.
pub struct Watch {
    begun: Instant,
    waited: Duration,
}

impl Watch {
    /// From now on.
    pub fn start() -> Self {
        let waited = waited();
        Self { begun: Instant::now(), waited }
    }

    /// How long it took.
    pub fn took(&self) -> Duration {
        let passed = self.begun.elapsed();
        passed.saturating_sub(waited().saturating_sub(self.waited))
    }
}

/// How long this thread has stood in line for a processor so far: the second figure of
/// its `schedstat`, nanoseconds (Linux, Documentation/scheduler/sched-stats).
fn waited() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().nth(1).and_then(|figure| figure.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

thread_local! {
    /// What the last panic of this thread said.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Inputs that were begun.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Ends the process when an input doesn't end; keeps what panics say to itself.
pub fn start(patience: f64) {
    std::panic::set_hook(Box::new(|panic| SAID.set(panic.to_string())));
    std::thread::spawn(move || {
        loop {
            let begun = BEGUN.load(Relaxed);
            std::thread::sleep(END.mul_f64(patience));
            if BEGUN.load(Relaxed) == begun {
                std::process::exit(HANGS);
            }
        }
    });
}

/// Gives an input to a parser.
pub fn run(target: Target, input: &[u8], patience: f64) -> (Outcome, Cost) {
    let (outcome, mut cost) = once(target, input);
    if matches!(outcome, Outcome::Broke(..)) {
        return (outcome, cost);
    }
    let bytes = input.len();
    let most = MEMORY + MEMORY_A_BYTE * bytes;
    if cost.held > most {
        return (Outcome::Broke("memory", format!("{} bytes of {bytes}", cost.held)), cost);
    }
    let long = (TIME + TIME_A_BYTE * bytes as u32).mul_f64(patience);
    // The first time may have been in the way of something, such as a page of the program.
    for _ in 0..3 {
        if cost.took <= long {
            return (outcome, cost);
        }
        cost.took = cost.took.min(once(target, input).1.took);
    }
    (Outcome::Broke("slow", format!("{:?} for {bytes} bytes", cost.took)), cost)
}

fn once(target: Target, input: &[u8]) -> (Outcome, Cost) {
    BEGUN.fetch_add(1, Relaxed);
    let held = memory::begin();
    let begun = Watch::start();
    let result = catch_unwind(AssertUnwindSafe(|| target.run(input)));
    let cost = Cost { took: begun.took(), held: memory::most_since(held) };
    let outcome = match result {
        Ok(Ok(seen)) => Outcome::Read(seen),
        Ok(Err(broken)) => Outcome::Broke("promise", broken),
        Err(_) => Outcome::Broke("panic", SAID.take()),
    };
    (outcome, cost)
}

/// Gives one input to a parser and tells what it led to.
pub fn tell(target: Target, input: &[u8], patience: f64) {
    let (outcome, cost) = run(target, input, patience);
    match outcome {
        Outcome::Read(seen) => println!("{target:?}: read, {} kinds of rows", seen.len()),
        Outcome::Broke(kind, said) => println!("{target:?}: {kind}: {said}"),
    }
    println!("{} bytes, {:?}, {} bytes held", input.len(), cost.took, cost.held);
}
