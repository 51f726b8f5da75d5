//! Databases that know where addresses are: in the pages, and in no file.

use crate::mmdb::{asn, city, database};
use crate::rollcall::{Rollcall, eventually, github};

/// 1 March 2026, noon.
const BUILT: u64 = 1_772_366_400;

fn places(name: &'static str) -> Vec<u8> {
    let said = city("DE", "Hessen", name, (50.110_9, 8.682_1));
    database("Test-City", BUILT, &[("198.51.100.0/24", said)])
}

fn configure(rollcall: &Rollcall) {
    rollcall.file("rollcall.toml", "[geoip]\nplaces = \"city.mmdb\"\nnetworks = \"asn.mmdb\"\n");
    rollcall.file("city.mmdb", places("Frankfurt"));
    let networks = [("198.51.100.0/25", asn(64_496, "Example Broadband"))];
    rollcall.file("asn.mmdb", database("Test-ASN", BUILT, &networks));
}

#[test]
fn places_are_shown_follow_their_file_and_are_never_stored() {
    let rollcall = Rollcall::new();
    configure(&rollcall);
    let server = rollcall.serve(&[]);
    assert_eq!(server.accepted("", github(0, 3)), 3);
    let cookie = server.sign_in(&rollcall);
    let events = || server.get("/events", &cookie).1;
    eventually("the events show with their places", || {
        events().contains("DE, Frankfurt, Example Broadband, by GeoIP")
    });
    let told = "SELECT country, city, place_basis, place_built, asn, as_basis FROM event_places WHERE ip = '198.51.100.1'";
    assert_eq!(rollcall.sql(told), ["DE,Frankfurt,database,2026-03-01,64496,database"]);
    // An updater puts a new file in the place of the old one.
    let new = rollcall.file("new", places("Offenbach"));
    std::fs::rename(new, rollcall.folder().join("city.mmdb")).expect("moved");
    eventually("the new file is in use", || events().contains("DE, Offenbach"));
    // One that is broken isn't taken, and the page says so.
    rollcall.file("city.mmdb", &places("Kassel")[..99]);
    eventually("the broken file is told of", || {
        server.get("/data-health", &cookie).1.contains("what was read before stays in use")
    });
    assert!(events().contains("DE, Offenbach"));
    server.stop();
    let said = |what: &str| rollcall.output(&["sql", what]);
    let told = said("SELECT 1");
    let why = String::from_utf8_lossy(&told.stderr);
    assert_eq!(told.status.code(), Some(3), "{why}");
    assert!(why.contains("city.mmdb is no MaxMind database, or a part of one"), "{why}");
    rollcall.file("city.mmdb", places("Kassel"));
    // What is sealed knows nothing of any of them.
    let stored = "SELECT count(*) FROM events_all WHERE coalesce(country, region, city, as_org) IS NOT NULL OR lat_e6 IS NOT NULL OR asn IS NOT NULL";
    assert_eq!(rollcall.number(stored), 0);
    assert_eq!(rollcall.number("SELECT count(*) FROM event_places WHERE city = 'Kassel'"), 3);
}

#[test]
fn a_missing_or_damaged_database_stops_the_start_and_is_named() {
    let rollcall = Rollcall::new();
    configure(&rollcall);
    let refused = || {
        let output = rollcall.output(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let mut damaged = places("Frankfurt");
    let at = damaged.windows(9).position(|bytes| bytes == b"Frankfurt").expect("the name");
    // Where a text began, a pointer to beyond the end.
    damaged[at - 1..at + 4].copy_from_slice(&[0x3f, 0xff, 0xff, 0xff, 0xff]);
    rollcall.file("city.mmdb", damaged);
    let told = refused();
    assert!(told.contains("city.mmdb is damaged") && told.contains("fetch it again"), "{told}");
    std::fs::remove_file(rollcall.folder().join("city.mmdb")).expect("removed");
    let told = refused();
    assert!(told.contains("city.mmdb can't be read"), "{told}");
}
