//! The rule for password sprays at its defaults: 8 or more users, at most 5 attempts each,
//! 25 or more attempts in any 15 minutes, from one source or many.

use std::collections::{HashMap, VecDeque};

use rollcall_query::anomaly::What;

use super::{DAY_US, MINUTE_US, SignIn};

const USERS: usize = 8;
const EACH: usize = 5;
const ATTEMPTS: usize = 25;
const WINDOW_US: i64 = 15 * MINUTE_US;

/// Instants at which the rule holds.
fn hits(events: &[SignIn]) -> impl Iterator<Item = i64> {
    let mut window: VecDeque<SignIn> = VecDeque::new();
    let mut by_user: HashMap<u64, usize> = HashMap::new();
    let failures = events.iter().filter(|event| event.what == What::Failure);
    failures.filter_map(move |event| {
        while window.front().is_some_and(|old| old.at_us <= event.at_us - WINDOW_US) {
            let old = window.pop_front().expect("one is there");
            let left = by_user.get_mut(&old.user).expect("it was counted");
            *left -= 1;
            if *left == 0 {
                by_user.remove(&old.user);
            }
        }
        window.push_back(*event);
        *by_user.entry(event.user).or_default() += 1;
        let few = by_user.values().filter(|attempts| **attempts <= EACH);
        let (users, attempts) = (few.clone().count(), few.sum::<usize>());
        (users >= USERS && attempts >= ATTEMPTS).then_some(event.at_us)
    })
}

/// The first instant from `from` on at which it holds.
pub fn first(events: &[SignIn], from: i64) -> Option<i64> {
    hits(events).find(|at| *at >= from)
}

/// How often it is raised, those within a day of each other as one.
pub fn incidents(events: &[SignIn]) -> usize {
    let (mut many, mut last) = (0, i64::MIN);
    for at in hits(events) {
        if at.saturating_sub(last) > DAY_US {
            many += 1;
        }
        last = at;
    }
    many
}
