//! A client's address as vendors write it.

/// The address without the port: from `ip`, `ip:port`, `[v6]:port`, `ip#port`.
/// `None` for host names, service names and placeholders. Deliberately not a
/// strict parser: an address that is masked (`192.0.2.xxx` is not one, `01.2.3.4`
/// is) must group with itself.
pub(crate) fn address(text: &str) -> Option<&str> {
    let text = text.trim_ascii();
    let bytes = text.as_bytes();
    // The usual case first: nothing but an IPv4 address.
    if is_v4(bytes) {
        return (text != "0.0.0.0").then_some(text);
    }
    let from = usize::from(bytes.first() == Some(&b'['));
    let end = bytes.iter().position(|byte| matches!(byte, b']' | b'#' | b'%' | b' '));
    let text = text.get(from..end.unwrap_or(text.len()))?;
    // One colon can't be IPv6: it is a port.
    let text = match text.split_once(':') {
        Some((ip, port)) if !port.contains(':') => ip,
        _ => text,
    };
    let bytes = text.as_bytes();
    let is_v6 = bytes.contains(&b':')
        && bytes.len() <= 45
        && bytes.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    (is_v6 || is_v4(bytes)).then_some(text).filter(|text| *text != "0.0.0.0")
}

/// Four numbers of up to three digits.
fn is_v4(bytes: &[u8]) -> bool {
    let (mut dots, mut digits) = (0, 0);
    for byte in bytes {
        match byte {
            b'0'..=b'9' if digits < 3 => digits += 1,
            b'.' if digits > 0 => (dots, digits) = (dots + 1, 0),
            _ => return false,
        }
    }
    dots == 3 && digits > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_go_and_names_are_not_addresses() {
        for (text, expected) in [
            ("203.0.113.9", Some("203.0.113.9")),
            ("203.0.113.9:51234", Some("203.0.113.9")),
            ("203.0.113.9#51234", Some("203.0.113.9")),
            ("[2001:db8::7]:443", Some("2001:db8::7")),
            ("2001:db8::7", Some("2001:db8::7")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("::ffff:203.0.113.9", Some("::ffff:203.0.113.9")),
            ("255.18.064.253", Some("255.18.064.253")),
            ("AWS Internal", None),
            ("ec2.amazonaws.com", None),
            ("bastion.example", None),
            ("0.0.0.0", None),
            ("UNKNOWN", None),
            ("", None),
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
    }
}
