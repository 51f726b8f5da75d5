//! What is read of an OCSF event.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::object::{List, Object};
use super::super::text::{Degrees, Flag, Text, Whole};
use super::super::time::Moment;

/// One event, of any class of the category.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct OcsfEvent<'a> {
    pub(super) class_uid: Whole,
    pub(super) activity_id: Whole,
    #[serde(borrow)]
    pub(super) activity_name: Text<'a>,
    #[serde(borrow)]
    pub(super) type_name: Text<'a>,
    #[serde(borrow)]
    pub(super) time: Moment<'a>,
    #[serde(borrow)]
    pub(super) time_dt: Moment<'a>,
    pub(super) status_id: Whole,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    #[serde(borrow)]
    pub(super) status_code: Text<'a>,
    #[serde(borrow)]
    pub(super) status_detail: Text<'a>,
    pub(super) auth_protocol_id: Whole,
    #[serde(borrow)]
    pub(super) auth_protocol: Text<'a>,
    pub(super) logon_type_id: Whole,
    pub(super) is_mfa: Flag,
    /// Milliseconds.
    pub(super) duration: Whole,
    #[serde(borrow)]
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(borrow)]
    pub(super) user: Object<User<'a>>,
    #[serde(borrow)]
    pub(super) actor: Object<Actor<'a>>,
    #[serde(borrow)]
    pub(super) session: Object<Session<'a>>,
    #[serde(borrow)]
    pub(super) service: Object<Named<'a>>,
    #[serde(borrow)]
    pub(super) policy: Object<Named<'a>>,
    #[serde(borrow)]
    pub(super) src_endpoint: Object<Endpoint<'a>>,
    #[serde(borrow)]
    pub(super) dst_endpoint: Object<Endpoint<'a>>,
    #[serde(borrow)]
    pub(super) device: Object<Device<'a>>,
    #[serde(borrow)]
    pub(super) cloud: Object<Cloud<'a>>,
    #[serde(borrow)]
    pub(super) http_request: Object<HttpRequest<'a>>,
    #[serde(borrow)]
    pub(super) certificate: Object<Certificate<'a>>,
    #[serde(borrow)]
    pub(super) auth_factors: List<'a, AuthFactor<'a>>,
}

/// About the event itself.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) event_code: Text<'a>,
    #[serde(borrow)]
    pub(super) correlation_uid: Text<'a>,
    #[serde(borrow)]
    pub(super) product: Object<Product<'a>>,
}

/// Who wrote it.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) vendor_name: Text<'a>,
}

/// A user.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) email_addr: Text<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) credential_uid: Text<'a>,
}

impl User<'_> {
    /// Login or mail address.
    pub(super) fn login(&self) -> Option<&str> {
        self.name.get().or(self.email_addr.get())
    }
}

/// Who acted.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Actor<'a> {
    #[serde(borrow)]
    pub(super) user: Object<User<'a>>,
    #[serde(borrow)]
    pub(super) session: Object<Session<'a>>,
}

/// A session.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Session<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    pub(super) is_mfa: Flag,
}

/// Something with an id and a name.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// A machine on the network.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Endpoint<'a> {
    #[serde(borrow)]
    pub(super) ip: Text<'a>,
    #[serde(borrow)]
    pub(super) hostname: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) location: Object<Location<'a>>,
    #[serde(borrow)]
    pub(super) autonomous_system: Object<AutonomousSystem<'a>>,
}

/// A place.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow)]
    pub(super) country: Text<'a>,
    #[serde(borrow)]
    pub(super) region: Text<'a>,
    #[serde(borrow)]
    pub(super) city: Text<'a>,
    lat: Degrees,
    long: Degrees,
    /// Longitude, then latitude, in early versions.
    coordinates: Coordinates,
}

impl Location<'_> {
    /// Latitude and longitude, in millionths of a degree.
    pub(super) fn position(&self) -> (Option<i32>, Option<i32>) {
        let Coordinates(longitude, latitude) = self.coordinates;
        (self.lat.0.or(latitude), self.long.0.or(longitude))
    }
}

#[derive(Default, Clone, Copy)]
struct Coordinates(Option<i32>, Option<i32>);

struct CoordinatesVisitor;

impl<'de> Visitor<'de> for CoordinatesVisitor {
    type Value = Coordinates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Coordinates, A::Error> {
        let longitude = seq.next_element::<Degrees>()?.and_then(|degrees| degrees.0);
        let latitude = seq.next_element::<Degrees>()?.and_then(|degrees| degrees.0);
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Coordinates(longitude, latitude))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Coordinates, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Coordinates::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
    fn visit_unit<E>(self) -> Result<Coordinates, E> {
        Ok(Coordinates::default())
    }
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CoordinatesVisitor)
    }
}

/// A network.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AutonomousSystem<'a> {
    pub(super) number: Whole,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

/// The client's device.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Device<'a> {
    #[serde(borrow)]
    pub(super) uid: Text<'a>,
    pub(super) is_managed: Flag,
    #[serde(borrow)]
    pub(super) os: Object<Named<'a>>,
}

/// A cloud account.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Cloud<'a> {
    #[serde(borrow)]
    pub(super) account: Object<Named<'a>>,
}

/// The request.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct HttpRequest<'a> {
    #[serde(borrow)]
    pub(super) user_agent: Text<'a>,
}

/// The client's certificate.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Certificate<'a> {
    #[serde(borrow)]
    pub(super) serial_number: Text<'a>,
}

/// A factor that was used, or set up.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct AuthFactor<'a> {
    pub(super) factor_type_id: Whole,
    #[serde(borrow)]
    pub(super) factor_type: Text<'a>,
    #[serde(borrow)]
    pub(super) device: Object<Named<'a>>,
}
