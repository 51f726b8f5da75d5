//! A client's address as vendors write it.

/// The address without the port: from `ip`, `ip:port`, `[v6]:port`, `ip#port`.
/// `None` for host names, service names and placeholders. Deliberately not a
/// strict parser: an address that is masked (`192.0.2.xxx` is not one, `01.2.3.4`
/// is) must group with itself.
pub(crate) fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = match text.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => text.split(['#', '%', ' ']).next()?,
    };
    let text = match text.split_once(':') {
        // One colon can't be IPv6: it is a port.
        Some((ip, port)) if !port.contains(':') && ip.contains('.') => ip,
        _ => text,
    };
    let is_v4 = text.split('.').count() == 4
        && text.split('.').all(|part| {
            matches!(part.len(), 1..=3) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_v6 = text.contains(':')
        && text.len() <= 45
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
    (is_v4 || is_v6).then_some(text).filter(|text| *text != "0.0.0.0")
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
