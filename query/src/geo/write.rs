//! Writes databases in MaxMind's format, for tests: the search tree with records of
//! 24 bits, the data section, the metadata (MaxMind DB File Format Specification,
//! version 2.0). The suite takes this file too.

/// A value of the data section.
pub(crate) enum Data {
    Text(&'static str),
    Double(f64),
    U16(u16),
    U32(u32),
    U64(u64),
    Map(Vec<(&'static str, Data)>),
    List(Vec<Data>),
}

#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    /// Offset in the data section.
    At(usize),
}

/// A database of this type, with what is said of each network. One without IPv6
/// networks holds IPv4 only.
pub(crate) fn database(kind: &'static str, built: u64, networks: &[(&str, Data)]) -> Vec<u8> {
    let is_v6 = networks.iter().any(|(network, _)| network.contains(':'));
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (network, said) in networks {
        let at = Record::At(data.len());
        put(&mut data, said);
        insert(&mut nodes, &bits(network, is_v6), at);
    }
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let number = match record {
            Record::Nothing => nodes.len(),
            Record::Node(node) => *node,
            Record::At(offset) => nodes.len() + 16 + offset,
        };
        let number = u32::try_from(number).expect("a small database");
        file.extend_from_slice(&number.to_be_bytes()[1..]);
    }
    file.extend_from_slice(&[0; 16]);
    file.append(&mut data);
    file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    let count = u32::try_from(nodes.len()).expect("a small database");
    let about = vec![
        ("binary_format_major_version", Data::U16(2)),
        ("binary_format_minor_version", Data::U16(0)),
        ("build_epoch", Data::U64(built)),
        ("database_type", Data::Text(kind)),
        ("description", Data::Map(vec![("en", Data::Text("invented, for tests"))])),
        ("ip_version", Data::U16(if is_v6 { 6 } else { 4 })),
        ("languages", Data::List(vec![Data::Text("en")])),
        ("node_count", Data::U32(count)),
        ("record_size", Data::U16(24)),
    ];
    put(&mut file, &Data::Map(about));
    file
}

/// What a City database says of a network.
pub(crate) fn city(
    country: &'static str,
    region: &'static str,
    name: &'static str,
    (lat, lon): (f64, f64),
) -> Data {
    let named = |name| Data::Map(vec![("names", Data::Map(vec![("en", Data::Text(name))]))]);
    Data::Map(vec![
        ("city", named(name)),
        ("country", Data::Map(vec![("iso_code", Data::Text(country))])),
        (
            "location",
            Data::Map(vec![("latitude", Data::Double(lat)), ("longitude", Data::Double(lon))]),
        ),
        ("subdivisions", Data::List(vec![named(region)])),
    ])
}

/// What an ASN database says of a network.
pub(crate) fn asn(number: u32, org: &'static str) -> Data {
    Data::Map(vec![
        ("autonomous_system_number", Data::U32(number)),
        ("autonomous_system_organization", Data::Text(org)),
    ])
}

/// The bits of a network, from the first; IPv4 lies in `::/96` of an IPv6 tree.
fn bits(network: &str, in_v6: bool) -> Vec<bool> {
    let (address, length) = network.split_once('/').expect("address/length");
    let length: usize = length.parse().expect("a length");
    let (bytes, length) = match address.parse().expect("an address") {
        std::net::IpAddr::V4(v4) if in_v6 => ([&[0; 12][..], &v4.octets()].concat(), length + 96),
        std::net::IpAddr::V4(v4) => (v4.octets().to_vec(), length),
        std::net::IpAddr::V6(v6) => (v6.octets().to_vec(), length),
    };
    let all = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0));
    all.take(length).collect()
}

fn insert(nodes: &mut Vec<[Record; 2]>, bits: &[bool], data: Record) {
    let mut node = 0;
    let (last, path) = bits.split_last().expect("a network");
    for bit in path {
        let side = usize::from(*bit);
        node = match nodes[node][side] {
            Record::Node(next) => next,
            _ => {
                nodes.push([Record::Nothing; 2]);
                let next = nodes.len() - 1;
                nodes[node][side] = Record::Node(next);
                next
            }
        };
    }
    nodes[node][usize::from(*last)] = data;
}

fn put(to: &mut Vec<u8>, data: &Data) {
    match data {
        Data::Text(text) => {
            control(to, 2, text.len());
            to.extend_from_slice(text.as_bytes());
        }
        Data::Double(number) => {
            control(to, 3, 8);
            to.extend_from_slice(&number.to_be_bytes());
        }
        Data::U16(number) => unsigned(to, 5, u64::from(*number)),
        Data::U32(number) => unsigned(to, 6, u64::from(*number)),
        Data::U64(number) => unsigned(to, 9, *number),
        Data::Map(pairs) => {
            control(to, 7, pairs.len());
            for (key, value) in pairs {
                put(to, &Data::Text(key));
                put(to, value);
            }
        }
        Data::List(values) => {
            control(to, 11, values.len());
            values.iter().for_each(|value| put(to, value));
        }
    }
}

fn unsigned(to: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    control(to, kind, bytes.len() - first);
    to.extend_from_slice(&bytes[first..]);
}

/// The control byte, with the byte of an extended type, and one of a longer size.
fn control(to: &mut Vec<u8>, kind: u8, size: usize) {
    let size = u8::try_from(size).expect("short");
    let (low, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
    match kind {
        1..=7 => to.push((kind << 5) | low),
        extended => to.extend_from_slice(&[low, extended - 7]),
    }
    to.extend(more);
}
