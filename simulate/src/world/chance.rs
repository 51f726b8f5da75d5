//! Seeded draws. A generator is keyed by what it is for, never shared: then
//! a draw more in one place changes nothing in another.

use chrono::TimeDelta;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a generator is for; part of its key.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Roster = 1,
    Timeline,
    Devices,
    Travel,
    Absence,
    Workday,
    Visit,
    Session,
    Enrolment,
    Service,
    Noise,
    Schedule,
    Incident,
    Resend,
    Policy,
    SideJob,
}

/// A seeded generator with the draws that the simulation needs.
pub(crate) struct Chance(ChaCha8Rng);

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &[u8; 16] = b"0123456789abcdef";

impl Chance {
    pub(crate) fn new(seed: u64, stream: Stream, one: u64, two: u64) -> Self {
        let mut key = [0; 32];
        for (slot, part) in key.chunks_exact_mut(8).zip([seed, stream as u64, one, two]) {
            slot.copy_from_slice(&part.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    pub(crate) fn yes(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..n`; 0 for an empty range.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { self.0.random_range(0..n) }
    }

    /// Uniform in `from..to`; `from` for an empty range.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        if from < to { self.0.random_range(from..to) } else { from }
    }

    /// One of a table's rows.
    #[expect(
        clippy::indexing_slicing,
        reason = "below(n) is less than n; tables are constants and not empty"
    )]
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// One of a table's values, by weight.
    #[expect(
        clippy::indexing_slicing,
        reason = "the last row answers for rounding; tables are constants and not empty"
    )]
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(T, f64)]) -> T {
        let total: f64 = items.iter().map(|item| item.1).sum();
        let mut left = self.unit() * total;
        for (value, weight) in items {
            left -= weight;
            if left < 0.0 {
                return *value;
            }
        }
        items[items.len() - 1].0
    }

    /// The index of one of `weights`, by weight.
    pub(crate) fn slot(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// A Poisson count (Knuth's product method; means here are small).
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let floor = (-mean.min(500.0)).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// A log-normal draw with this median and this sigma of the logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.unit()).cos();
        median * (sigma * normal).exp()
    }

    /// A log-normal time with a median in seconds, at most `cap` seconds.
    pub(crate) fn delay(&mut self, median_s: f64, sigma: f64, cap_s: f64) -> TimeDelta {
        seconds(self.log_normal(median_s, sigma).min(cap_s))
    }

    /// Uniform between two numbers of seconds, to the millisecond.
    pub(crate) fn pause(&mut self, from_s: f64, to_s: f64) -> TimeDelta {
        seconds(from_s + (to_s - from_s) * self.unit())
    }

    /// A random UUID (version 4, RFC 9562).
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = [0_u8; 16];
        self.0.fill_bytes(&mut bytes);
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.iter().enumerate() {
            let byte = match at {
                6 => byte & 0x0f | 0x40,
                8 => byte & 0x3f | 0x80,
                _ => *byte,
            };
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push(digit(HEX, usize::from(byte >> 4)));
            text.push(digit(HEX, usize::from(byte & 15)));
        }
        text
    }

    /// `prefix`, then `len` letters and digits.
    pub(crate) fn token(&mut self, prefix: &str, len: usize) -> String {
        self.text(prefix, len, BASE62)
    }

    /// `prefix`, then `len` hexadecimal digits.
    pub(crate) fn hex(&mut self, prefix: &str, len: usize) -> String {
        self.text(prefix, len, HEX)
    }

    /// `prefix`, then `len` capitals and digits, as AWS names its principals.
    pub(crate) fn capitals(&mut self, prefix: &str, len: usize) -> String {
        self.text(prefix, len, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }

    fn text(&mut self, prefix: &str, len: usize, alphabet: &[u8]) -> String {
        let mut text = String::with_capacity(prefix.len() + len);
        text.push_str(prefix);
        let mut bits = 0;
        for at in 0..len {
            if at % 8 == 0 {
                bits = self.bits();
            }
            let [byte, ..] = bits.to_le_bytes();
            bits >>= 8;
            text.push(digit(alphabet, usize::from(byte) % alphabet.len()));
        }
        text
    }
}

fn digit(alphabet: &[u8], index: usize) -> char {
    alphabet.get(index).map_or('0', |byte| char::from(*byte))
}

/// Seconds as a duration, to the millisecond.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float-to-integer cast saturates, and no time here is near the ends"
)]
pub(crate) fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::milliseconds((seconds * 1000.0).round() as i64)
}
