//! Impossible travel, new place, rare hour, dormant account.

use super::{MONDAY, at, days, doubled, engine_with, gets_in, look, minutes, raised, shuffled};
use crate::detect::alert::Severity;
use crate::detect::engine::Engine;
use crate::detect::row::{DAY, HOUR, Kind, MINUTE, Row};

/// On the equator, so far east of Greenwich: a degree is 111.195 km.
fn east(row: Row, km: f64) -> Row {
    let degrees = km / (6_371.0 * std::f64::consts::PI / 180.0);
    #[expect(clippy::cast_possible_truncation, reason = "millionths of a degree")]
    let millionths = (degrees * 1e6).round() as i32;
    let network = 10_000 + millionths.unsigned_abs() as u64;
    let subnet = network;
    Row { place: Some((0, millionths)), network, subnet, ip: network, country: network, ..row }
}

fn travel(km: f64, seconds: i64) -> Vec<Row> {
    vec![east(gets_in(0), 0.0), east(gets_in(seconds), km)]
}

fn travels(rows: &[Row]) -> usize {
    raised("impossible_travel", rows).len()
}

#[test]
fn nobody_travels_more_than_900_km_in_an_hour() {
    assert_eq!(travels(&travel(899.0, minutes(60))), 0);
    assert_eq!(travels(&travel(901.0, minutes(60))), 1);
    assert_eq!(travels(&travel(901.0, minutes(61))), 0);
}

#[test]
fn less_than_500_km_is_no_travel() {
    assert_eq!(travels(&travel(499.0, 1)), 0);
    assert_eq!(travels(&travel(501.0, 1)), 1);
}

#[test]
fn order_does_not_matter_and_twice_is_once() {
    assert_eq!(travels(&doubled(&travel(2_000.0, 60))), 1);
    assert_eq!(travels(&shuffled(&travel(2_000.0, 60))), 1);
    assert_eq!(travels(&doubled(&travel(400.0, 60))), 0);
    let mut late = travel(2_000.0, 60);
    late.reverse();
    assert_eq!(travels(&late), 1);
}

#[test]
fn one_network_an_exit_and_a_machine_do_not_travel() {
    let with = |change: fn(&mut Row)| {
        let mut rows = travel(2_000.0, 60);
        rows.iter_mut().for_each(change);
        travels(&rows)
    };
    assert_eq!(with(|row| row.network = 7), 0);
    assert_eq!(with(|row| row.kind = Kind::Service), 0);
    let mut exit = travel(2_000.0, 60);
    exit[1].is_exit = true;
    assert_eq!(travels(&exit), 0);
}

#[test]
fn a_device_that_was_theirs_for_days_goes_by_an_exit() {
    let with = |known_days: i64| {
        let own = |row: Row| Row { device: 77, ..row };
        let mut rows = vec![own(east(gets_in(-days(known_days)), 0.0))];
        rows.extend(travel(2_000.0, 60).into_iter().map(own));
        travels(&rows)
    };
    assert_eq!(with(2), 1);
    assert_eq!(with(3), 0);
}

#[test]
fn the_way_that_others_devices_went_goes_by_an_exit() {
    // So many others have had a laptop for a week, and go to the exit with it today.
    let with = |others: u64| {
        let mut rows = Vec::new();
        for who in 50..50 + others {
            let own = |row: Row| Row { person: who, account: who, device: who, ..row };
            rows.push(own(east(gets_in(-days(7)), 0.0)));
            rows.push(own(east(gets_in(-120), 0.0)));
            rows.push(own(east(gets_in(-60), 2_000.0)));
        }
        rows.sort_by_key(|row| row.time);
        rows.extend(travel(2_000.0, 60));
        travels(&rows)
    };
    assert_eq!(with(1), 1);
    assert_eq!(with(2), 0);
    assert_eq!(with(3), 0);
}

#[test]
fn networks_between_which_others_move_daily_are_no_travel() {
    // Others go from one to the other, slowly, on so many days before.
    let with = |used_days: i64| {
        let mut rows = Vec::new();
        for day in 1..=used_days {
            let who = 50 + u64::try_from(day).expect("few");
            let as_other = |row: Row| Row { person: who, account: who, ..row };
            rows.push(as_other(east(gets_in(-days(day)), 0.0)));
            rows.push(as_other(east(gets_in(-days(day) + minutes(300)), 2_000.0)));
        }
        rows.sort_by_key(|row| row.time);
        rows.extend(travel(2_000.0, 60));
        travels(&rows)
    };
    assert_eq!(with(4), 1);
    assert_eq!(with(5), 0);
    assert_eq!(with(6), 0);
}

#[test]
fn privileged_accounts_are_more_severe() {
    let mut rows = travel(2_000.0, 60);
    assert_eq!(raised("impossible_travel", &rows)[0].1, Severity::Medium);
    rows[1].privileged = true;
    assert_eq!(raised("impossible_travel", &rows)[0].1, Severity::High);
}

/// Sign-ins of a team of ten over a month, each from home with a device of their own.
fn month() -> Vec<Row> {
    let mut rows = Vec::new();
    for day in 0..30 {
        for person in 1..=10_u64 {
            let hour = 9 + i64::from(u8::try_from(person).expect("few") % 8);
            let time = MONDAY - 30 * DAY + day * DAY + (hour - 8) * HOUR;
            let of = Row { person, account: person, team: 5, device: 600 + person, ..gets_in(0) };
            let network = 700 + person;
            rows.push(Row { time, network, subnet: network, is_known: true, ..of });
        }
    }
    rows.sort_by_key(|row| row.time);
    rows
}

/// Person 1 after that month.
fn after_month(change: impl Fn(&mut Row)) -> Vec<Row> {
    let place = Row { team: 5, device: 601, network: 701, subnet: 701, ..gets_in(days(1)) };
    let own = Row { is_known: true, ..place };
    let mut row = own;
    change(&mut row);
    let mut rows = month();
    rows.push(row);
    rows
}

/// A team of ten surprises less than a company does.
fn of_ten() -> Engine {
    engine_with("new_place", &[("surprise", 12.0)])
}

fn new_places(change: impl Fn(&mut Row)) -> usize {
    look(&mut of_ten(), &after_month(change)).len()
}

#[test]
fn a_new_device_alone_is_nothing_and_everything_new_is() {
    assert_eq!(new_places(|_| {}), 0);
    assert_eq!(new_places(|row| row.device = 9_000), 0);
    let network = |row: &mut Row| (row.network, row.subnet) = (9_001, 9_001);
    assert_eq!(new_places(network), 0);
    // On a trip: country and network, with the laptop that they always have.
    assert_eq!(
        new_places(|row| {
            network(row);
            row.country = 9_002;
        }),
        0
    );
    let all = |row: &mut Row| {
        network(row);
        row.country = 9_002;
        row.device = 9_000;
    };
    assert_eq!(new_places(all), 1);
    assert_eq!(
        new_places(|row| {
            all(row);
            row.is_exit = true;
        }),
        0
    );
    let alerts = look(&mut of_ten(), &doubled(&after_month(all)));
    assert_eq!(alerts.len(), 1);
    let words = &alerts[0].observation;
    assert!(words.contains("country") && words.contains("network") && words.contains("device"));
}

#[test]
fn who_is_known_for_too_short_has_nothing_new() {
    let odd =
        |row: Row| Row { network: 9_001, subnet: 9_001, country: 9_002, device: 9_000, ..row };
    let known = |count: usize| {
        // The last so many sign-ins of person 1, spread over a month.
        let own: Vec<Row> = month().into_iter().filter(|row| row.person == 1).collect();
        let mut rows: Vec<Row> = month().into_iter().filter(|row| row.person != 1).collect();
        rows.extend(own.iter().rev().take(count));
        rows.sort_by_key(|row| row.time);
        rows.push(Row { team: 5, ..odd(gets_in(days(1))) });
        look(&mut of_ten(), &rows).len()
    };
    assert_eq!(known(19), 0);
    assert_eq!(known(20), 1);
    assert_eq!(known(21), 1);
}

fn rare(hour: i64, familiar: bool) -> usize {
    // Two months of office hours, so that sixty hours are known.
    let mut rows: Vec<Row> = month()
        .into_iter()
        .map(|row| Row { time: row.time - 30 * DAY, ..row })
        .chain(month())
        .chain(month().into_iter().map(|row| Row { time: row.time + HOUR, ..row }))
        .collect();
    rows.sort_by_key(|row| row.time);
    let time = MONDAY + DAY + (hour - 8) * HOUR + 30 * MINUTE;
    let odd = Row { device: 9_000, network: 9_001, subnet: 9_001, ..gets_in(0) };
    let own = Row { team: 5, is_known: true, ..odd };
    let place = if familiar { Row { device: 601, network: 701, subnet: 701, ..own } } else { own };
    rows.push(Row { time, ..place });
    raised("rare_hour", &rows).len()
}

#[test]
fn the_middle_of_the_night_is_rare_and_office_hours_are_not() {
    assert_eq!(rare(10, false), 0);
    assert_eq!(rare(3, false), 1);
    // From where they always are people work late now and then.
    assert_eq!(rare(3, true), 0);
}

#[test]
fn the_clock_is_the_persons_own() {
    let night = |offset: i32| {
        let mut rows = month();
        rows.extend(month().into_iter().map(|row| Row { time: row.time - 30 * DAY, ..row }));
        rows.extend(month().into_iter().map(|row| Row { time: row.time + HOUR, ..row }));
        rows.sort_by_key(|row| row.time);
        // Ten o'clock UTC, on a clock that is so far ahead.
        let odd =
            Row { team: 5, device: 9_000, network: 9_001, is_known: true, ..gets_in(days(1)) };
        rows.push(Row { offset, time: odd.time + 2 * HOUR, ..odd });
        raised("rare_hour", &rows).len()
    };
    assert_eq!((night(0), night(-480)), (0, 1));
}

#[test]
fn sixty_days_without_a_success_and_not_59() {
    let after = |seconds: i64| raised("dormant", &[gets_in(0), gets_in(seconds)]);
    assert_eq!(after(days(60) - 1), []);
    assert_eq!(after(days(60)), [("dormant-1-1-0".to_owned(), Severity::Medium)]);
    assert_eq!(after(days(61)).len(), 1);
    // The first success that is known at all says nothing.
    assert_eq!(raised("dormant", &[gets_in(0)]), []);
    let rows = [gets_in(0), gets_in(days(60))];
    assert_eq!(raised("dormant", &doubled(&rows)).len(), 1);
    // A success in between that comes late is one all the same, from then on.
    let late = [gets_in(0), gets_in(days(59)), gets_in(days(30)), gets_in(days(100))];
    assert_eq!(raised("dormant", &late), []);
    let failed =
        [gets_in(0), Row { step: super::Step::Guessed, ..at(days(30)) }, gets_in(days(60))];
    assert_eq!(raised("dormant", &failed).len(), 1);
}
