//! Rounds of inputs. A round is the same for the same parser, number and inputs kept so
//! far; what leads to something new is kept at its end. One that is interrupted is made
//! again.

use std::collections::HashSet;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rollcall_ingest::probe::Target;

use crate::state::{self, State};
use crate::watch::{self, Outcome, Watch};
use crate::{found, mutate, seeds};

/// Inputs of a round.
const INPUTS: u64 = 2_000;
/// Most inputs that are kept, and how long one may be.
const KEPT: usize = 4_000;
const KEPT_BYTES: usize = 32 * 1024;

/// Gives a parser inputs until it has had them for so long in all.
pub fn run(target: Target, until: Duration, patience: f64) {
    watch::start(patience);
    let all = seeds::of_all_sources();
    let mut state = State::load(target);
    let current = state::Current::open(target);
    let (mut pool, mut known) = (seeds::of(target, &all), HashSet::new());
    let kept = state::kept(target);
    let mut room = KEPT.saturating_sub(kept.len());
    pool.extend(kept);
    for input in &pool {
        current.is(input);
        attempt(target, input, patience, &mut state, &mut known);
    }
    while state.seconds < until.as_secs_f64() {
        let begun = Watch::start();
        let seed = format!("{} {}", target.name(), state.rounds);
        let mut random = ChaCha8Rng::from_seed(spread(&seed));
        let mut new = Vec::new();
        for _ in 0..INPUTS {
            let base = &pool[random.random_range(0..pool.len())];
            let input = mutate::mutate(base, &all, &mut random);
            current.is(&input);
            let is_new = attempt(target, &input, patience, &mut state, &mut known);
            if is_new && input.len() <= KEPT_BYTES {
                new.push(input);
            }
        }
        new.truncate(room);
        room -= new.len();
        new.iter().for_each(|input| state::keep(target, state.rounds, input));
        state.kept += new.len();
        pool.append(&mut new);
        state.rounds += 1;
        state.inputs += INPUTS;
        state.seconds += begun.took().as_secs_f64();
        state.save(target);
    }
}

/// Gives it one input; says whether that led to something new.
fn attempt(
    target: Target,
    input: &[u8],
    patience: f64,
    state: &mut State,
    known: &mut HashSet<u64>,
) -> bool {
    let (outcome, cost) = watch::run(target, input, patience);
    match outcome {
        Outcome::Read(seen) => {
            state.cost(input.len(), cost);
            let before = known.len();
            known.extend(seen);
            known.len() > before
        }
        Outcome::Broke(kind, said) => {
            let way = found::way(kind, &said);
            if !state.found.contains(&way) {
                let breaks = |less: &[u8]| {
                    let (outcome, _) = watch::run(target, less, patience);
                    matches!(outcome, Outcome::Broke(same, _) if same == kind)
                };
                // One that is slow stays as long as it is.
                let small = (kind != "slow").then(|| found::smaller(input, breaks));
                found::keep(target, kind, &way, small.as_deref().unwrap_or(input), state);
            }
            false
        }
    }
}

/// A seed of 32 bytes from a text.
fn spread(text: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).into()
}
