//! Cities and the networks in them. Addresses come from the blocks set aside
//! for documentation and shared space, AS numbers from RFC 5398.

use chrono_tz::Tz;

use super::Chance;

/// Where people live, or attackers seem to.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) state: &'static str,
    pub(crate) country: &'static str,
    pub(crate) code: &'static str,
    pub(crate) postal: &'static str,
    pub(crate) lat: f64,
    pub(crate) lon: f64,
    pub(crate) zone: Tz,
    /// Share of the people; 0 for places without an office.
    pub(crate) weight: f64,
    /// Last byte of the office's address in 203.0.113.0/24, and of the
    /// second byte of homes in 100.64.0.0/10.
    pub(crate) number: u8,
}

macro_rules! city {
    ($number:literal $name:literal, $state:literal, $country:literal $code:literal $postal:literal,
     $lat:literal $lon:literal, $zone:ident, $weight:literal) => {
        City {
            name: $name,
            state: $state,
            country: $country,
            code: $code,
            postal: $postal,
            lat: $lat,
            lon: $lon,
            zone: Tz::$zone,
            weight: $weight,
            number: $number,
        }
    };
}

/// Fourteen cities with people in them, then four without.
pub(crate) static CITIES: [City; 18] = [
    city!(0 "Berlin", "Land Berlin", "Germany" "DE" "10115", 52.5243 13.4105, Europe__Berlin, 22.0),
    city!(1 "Amsterdam", "North Holland", "Netherlands" "NL" "1012", 52.374 4.8897, Europe__Amsterdam, 9.0),
    city!(2 "London", "England", "United Kingdom" "GB" "EC1A", 51.5085 -0.1257, Europe__London, 10.0),
    city!(3 "Warsaw", "Mazovia", "Poland" "PL" "00-001", 52.2298 21.0118, Europe__Warsaw, 6.0),
    city!(4 "Lisbon", "Lisbon", "Portugal" "PT" "1000", 38.7167 -9.1333, Europe__Lisbon, 4.0),
    city!(5 "New York", "New York", "United States" "US" "10001", 40.7143 -74.006, America__New_York, 14.0),
    city!(6 "Austin", "Texas", "United States" "US" "78701", 30.2672 -97.7431, America__Chicago, 6.0),
    city!(7 "San Francisco", "California", "United States" "US" "94103", 37.7749 -122.4194, America__Los_Angeles, 9.0),
    city!(8 "Toronto", "Ontario", "Canada" "CA" "M5H", 43.7064 -79.3986, America__Toronto, 4.0),
    city!(9 "Sao Paulo", "Sao Paulo", "Brazil" "BR" "01000", -23.5475 -46.6361, America__Sao_Paulo, 4.0),
    city!(10 "Bengaluru", "Karnataka", "India" "IN" "560001", 12.9719 77.5937, Asia__Kolkata, 8.0),
    city!(11 "Singapore", "Singapore", "Singapore" "SG" "018956", 1.2897 103.8501, Asia__Singapore, 3.0),
    city!(12 "Tokyo", "Tokyo", "Japan" "JP" "100-0001", 35.6895 139.6917, Asia__Tokyo, 2.0),
    city!(13 "Sydney", "New South Wales", "Australia" "AU" "2000", -33.8679 151.2073, Australia__Sydney, 2.0),
    city!(14 "Bucharest", "Bucuresti", "Romania" "RO" "010011", 44.4323 26.1063, Europe__Bucharest, 0.0),
    city!(15 "Hanoi", "Hanoi", "Vietnam" "VN" "100000", 21.0245 105.8412, Asia__Ho_Chi_Minh, 0.0),
    city!(16 "Lagos", "Lagos", "Nigeria" "NG" "100001", 6.4541 3.3947, Africa__Lagos, 0.0),
    city!(17 "Santiago", "Santiago Metropolitan", "Chile" "CL" "8320000", -33.4569 -70.6483, America__Santiago, 0.0),
];

impl City {
    /// The city with this index in [`CITIES`]; the first one for any other.
    pub(crate) fn at(index: usize) -> &'static City {
        let [first, ..] = &CITIES;
        CITIES.get(index).unwrap_or(first)
    }
}

/// An address as the vendors see it.
#[derive(Clone)]
pub(crate) struct Network {
    pub(crate) ip: String,
    pub(crate) city: &'static City,
    pub(crate) asn: u32,
    pub(crate) org: &'static str,
    pub(crate) domain: &'static str,
    pub(crate) proxy: bool,
}

/// Access providers: AS number, name, domain.
const PROVIDERS: [(u32, &str, &str); 6] = [
    (64500, "Northlight Broadband", "northlight.example"),
    (64501, "Harbour Cable", "harbourcable.example"),
    (64502, "Meridian Fibre", "meridianfibre.example"),
    (64503, "Skylark Mobile", "skylark.example"),
    (64504, "Copperline Telecom", "copperline.example"),
    (64505, "Tamarind Networks", "tamarind.example"),
];

/// Cheap hosting from which attacks come.
const HOSTERS: [(u32, &str, &str); 4] = [
    (65540, "Quickrack Hosting", "quickrack.example"),
    (65541, "Bluestone Servers", "bluestone.example"),
    (65542, "Offshore Compute", "offshorecompute.example"),
    (65543, "Parrot Cloud", "parrotcloud.example"),
];

/// The VPN's exits: last byte in 203.0.113.0/24, index of the city.
const VPN_EXITS: [(u8, usize); 4] = [(200, 0), (201, 5), (202, 11), (203, 7)];

impl Network {
    pub(crate) fn office(city: &'static City) -> Self {
        let ip = format!("203.0.113.{}", 10 + city.number);
        Self::of(ip, city, (64496, "Corp Example", "corp.example"))
    }

    /// The VPN's exit for people of a city; its address is that of the exit.
    pub(crate) fn vpn(city: &'static City) -> Self {
        let exit = match city.number {
            0..=4 => 0,
            5 | 6 | 8 | 9 => 1,
            7 => 3,
            _ => 2,
        };
        let (byte, at) = VPN_EXITS.get(exit).copied().unwrap_or((200, 0));
        let ip = format!("203.0.113.{byte}");
        Self::of(ip, City::at(at), (64497, "Corp Example VPN", "vpn.corp.example"))
    }

    /// The same once the organisation has changed to another provider, whose exits stand
    /// elsewhere.
    pub(crate) fn vpn_elsewhere(city: &'static City) -> Self {
        /// The exit's last byte and its city, by that of the old one.
        const EXITS: [(u8, usize); 4] = [(220, 2), (221, 8), (222, 12), (223, 6)];
        let exit = match city.number {
            0..=4 => 0,
            5 | 6 | 8 | 9 => 1,
            7 => 3,
            _ => 2,
        };
        let (byte, at) = EXITS.get(exit).copied().unwrap_or((220, 2));
        let ip = format!("203.0.113.{byte}");
        Self::of(ip, City::at(at), (64499, "Relay Example", "relay.example"))
    }

    /// Where build runners and service accounts of one kind come from.
    pub(crate) fn cloud(number: usize) -> Self {
        let ip = format!("203.0.113.{}", 128 + number % 32);
        let city = if number.is_multiple_of(3) { 5 } else { 0 };
        Self::of(ip, City::at(city), (64498, "Lattice Cloud", "lattice.example"))
    }

    /// A home line, one a person; one in five has IPv6 only.
    pub(crate) fn home(city: &'static City, person: usize) -> Self {
        let ip = if person.is_multiple_of(5) {
            format!("2001:db8:{:x}:{person:x}::17", 0x100 + u16::from(city.number))
        } else {
            let low = 1 + person % 250;
            let high = person / 250;
            format!("100.{}.{high}.{low}", 64 + city.number)
        };
        Self::of(ip, city, provider(person))
    }

    /// A hotel, a train, a phone's data plan.
    pub(crate) fn roaming(city: &'static City, chance: &mut Chance) -> Self {
        let ip =
            format!("100.{}.{}.{}", 96 + city.number, chance.below(256), 1 + chance.below(254));
        let number = chance.below(PROVIDERS.len());
        Self::of(ip, city, provider(number))
    }

    /// An attacker's rented address in 198.51.100.0/24 or 192.0.2.0/24.
    pub(crate) fn attack(chance: &mut Chance) -> Self {
        let block = chance.pick(&["198.51.100", "192.0.2"]);
        let ip = format!("{block}.{}", 1 + chance.below(254));
        let city = City::at(14 + chance.below(4));
        let mut network = Self::of(ip, city, *chance.pick(&HOSTERS));
        network.proxy = chance.yes(0.5);
        network
    }

    fn of(
        ip: String,
        city: &'static City,
        (asn, org, domain): (u32, &'static str, &'static str),
    ) -> Self {
        Self { ip, city, asn, org, domain, proxy: false }
    }
}

fn provider(number: usize) -> (u32, &'static str, &'static str) {
    let [first, ..] = PROVIDERS;
    PROVIDERS.get(number % PROVIDERS.len()).copied().unwrap_or(first)
}
