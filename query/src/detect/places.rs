//! What an address says: its neighbours, its network, its place. A source's own word goes
//! before that of the user's databases (as in the view `event_places`).

use std::net::IpAddr;
use std::sync::Arc;

use super::id::{ById, Id, Ids, mix};
use crate::geo::Databases;

/// Addresses that are remembered; then all are asked for again.
const MOST: usize = 100_000;

/// What an address says without any event.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Address {
    /// /24 of IPv4, /48 of IPv6.
    pub(crate) subnet: Id,
    /// By the databases; 0 where they say nothing.
    pub(crate) asn: Id,
    pub(crate) country: Id,
    pub(crate) place: Option<(i32, i32)>,
    /// Whether the operator named it as an exit.
    pub(crate) is_exit: bool,
}

/// A range of addresses: `192.0.2.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    network: u128,
    mask: u128,
}

impl std::str::FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no range of addresses; it takes 192.0.2.0/24");
        let (address, length) = text.split_once('/').unwrap_or((text, ""));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let bits: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = match length.trim() {
            "" => bits,
            length => length.parse().map_err(|_| wrong())?,
        };
        if length > bits {
            return Err(wrong());
        }
        // IPv4 lies at the end of the IPv6 numbers (RFC 4291, 2.5.5.2).
        let mask = u128::MAX.checked_shl(bits - length).unwrap_or(0);
        Ok(Self { network: number(address) & mask, mask })
    }
}

impl Range {
    fn holds(&self, address: u128) -> bool {
        address & self.mask == self.network
    }
}

/// The range of an address: /24 of IPv4, /48 of IPv6.
fn neighbours(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Addresses that were asked for.
#[derive(Debug)]
pub(crate) struct Places {
    exits: Vec<Range>,
    databases: Arc<Databases>,
    known: ById<Address>,
}

impl Places {
    /// By these databases; `exits` are addresses behind which anyone may be anywhere.
    pub(crate) fn new(databases: Arc<Databases>, exits: Vec<Range>) -> Self {
        Self { exits, databases, known: ById::default() }
    }

    /// Takes newer databases, if they are.
    pub(crate) fn ask(&mut self, databases: &Arc<Databases>) {
        if self.databases.state() != databases.state() {
            self.databases = Arc::clone(databases);
            self.known.clear();
        }
    }

    /// What an address says; `name` is told the text of a country that a database names.
    pub(crate) fn of(
        &mut self,
        id: Id,
        text: &str,
        ids: &Ids,
        name: &mut dyn FnMut(Id, &str),
    ) -> Address {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let found = self.look(text, ids, name);
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(id, found);
        found
    }

    fn look(&self, text: &str, ids: &Ids, name: &mut dyn FnMut(Id, &str)) -> Address {
        let Ok(address) = text.parse::<IpAddr>() else { return Address::default() };
        let address = address.to_canonical();
        let all = number(address);
        let neighbours = neighbours(address);
        let subnet = ids.pair("addresses", &neighbours);
        name(subnet, &neighbours);
        // A database that is damaged here is told of by the pages that show it.
        let place = self.databases.find(text).unwrap_or_default();
        let country = place.country.as_deref().map_or(0, |country| {
            let id = ids.of(country);
            name(id, country);
            id
        });
        Address {
            subnet,
            asn: place.asn.map_or(0, asn_id),
            country,
            place: place.lat_e6.zip(place.lon_e6),
            is_exit: self.exits.iter().any(|range| range.holds(all)),
        }
    }
}

/// The number of an autonomous system. No text makes it: whoever sends events can't choose
/// one that shares it, since AS numbers are small.
pub(crate) fn asn_id(asn: i64) -> Id {
    /// Keeps them apart from numbers of texts.
    const OF_SYSTEMS: Id = 0x6173_6e20_6e75_6d62;
    mix(OF_SYSTEMS, asn.unsigned_abs())
}

/// Great-circle distance of two places in kilometres (haversine; Sinnott 1984, Sky and
/// Telescope 68:159), on a sphere of 6,371 km.
pub(crate) fn distance_km(from: (i32, i32), to: (i32, i32)) -> f64 {
    let radians = |millionths: i32| f64::from(millionths) / 1e6 * std::f64::consts::PI / 180.0;
    let (lat, other) = (radians(from.0), radians(to.0));
    let (dlat, dlon) = (other - lat, radians(to.1) - radians(from.1));
    let half = (dlat / 2.0).sin().powi(2) + lat.cos() * other.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6_371.0 * half.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, address: &str) -> bool {
        let range: Range = range.parse().expect("a range");
        range.holds(number(address.parse().expect("an address")))
    }

    #[test]
    fn a_range_holds_its_addresses() {
        assert!(
            holds("203.0.113.0/24", "203.0.113.255") && !holds("203.0.113.0/24", "203.0.114.0")
        );
        assert!(holds("203.0.113.7", "203.0.113.7") && !holds("203.0.113.7", "203.0.113.8"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1") && !holds("2001:db8::/32", "2001:db9::"));
        assert!(holds("0.0.0.0/0", "198.51.100.1") && !holds("0.0.0.0/0", "2001:db8::1"));
        for wrong in ["", "a", "203.0.113.0/33", "203.0.113.0/x", "::/129"] {
            assert!(wrong.parse::<Range>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn neighbours_share_a_number() {
        let ids = Ids::new(b"test");
        let places = Places::new(Arc::default(), vec!["203.0.113.200".parse().expect("a range")]);
        let look = |text: &str| places.look(text, &ids, &mut |_, _| {});
        assert_eq!(look("203.0.113.1").subnet, look("203.0.113.254").subnet);
        assert_eq!(look("203.0.113.1").subnet, look("::ffff:203.0.113.9").subnet);
        assert_ne!(look("203.0.113.1").subnet, look("203.0.114.1").subnet);
        assert_eq!(look("2001:db8:1:2::1").subnet, look("2001:db8:1:3::1").subnet);
        assert!(look("203.0.113.200").is_exit && !look("203.0.113.201").is_exit);
        assert_eq!(look("no address"), Address::default());
    }

    #[test]
    fn berlin_to_new_york_is_as_far_as_it_is() {
        // By the same formula in Python 3: 6,385.01 km.
        let found = distance_km((52_524_300, 13_410_500), (40_714_300, -74_006_000));
        assert!((found - 6_385.012_651).abs() < 1e-5, "{found}");
        assert!(distance_km((0, 0), (0, 0)).abs() < 1e-9);
    }
}
