//! One colour a factor everywhere. The colour tells the family, dash and
//! pattern tell the members apart: nothing is told by colour alone.

/// Class names of a series: a colour (`c0` is grey) and a dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ink {
    /// `c0` … `c4`
    pub(crate) colour: &'static str,
    /// `d1` … `d4`
    pub(crate) dash: &'static str,
}

const fn ink(colour: &'static str, dash: &'static str) -> Ink {
    Ink { colour, dash }
}

/// For "Other", and whatever isn't known.
pub(crate) const GREY: Ink = ink("c0", "d1");

/// Words whose ink is the same on every page.
const FIXED: &[(&str, Ink)] = &[
    // Phishing-resistant.
    ("passkey", ink("c1", "d1")),
    ("webauthn", ink("c1", "d2")),
    ("hardware_key", ink("c1", "d3")),
    ("certificate", ink("c1", "d4")),
    // In an app or on a device, and it can be passed on.
    ("push_number", ink("c2", "d1")),
    ("push", ink("c2", "d2")),
    ("totp", ink("c2", "d3")),
    ("hardware_otp", ink("c2", "d4")),
    // Over somebody else's network.
    ("sms", ink("c3", "d1")),
    ("voice", ink("c3", "d2")),
    ("email", ink("c3", "d3")),
    ("security_question", ink("c3", "d4")),
    // Not a second factor, or around it.
    ("password", ink("c4", "d1")),
    ("recovery_code", ink("c4", "d2")),
    ("bypass_code", ink("c4", "d3")),
    // Outcomes.
    ("success", ink("c1", "d1")),
    ("abandoned", ink("c2", "d2")),
    ("denied", ink("c3", "d1")),
    ("failure", ink("c4", "d1")),
    ("error", ink("c4", "d3")),
    ("interrupted", ink("c0", "d2")),
    ("unknown", GREY),
    ("other", GREY),
    // Shares beside "used".
    ("used", ink("c1", "d1")),
    ("remembered", ink("c2", "d1")),
    ("inherited_by_timing", ink("c3", "d2")),
    ("bypassed", ink("c4", "d3")),
    // Quantiles: the same thing, further out.
    ("p50", ink("c1", "d1")),
    ("mean", ink("c0", "d2")),
    ("p90", ink("c2", "d1")),
    ("p95", ink("c2", "d2")),
    ("p99", ink("c4", "d3")),
];

const BY_PLACE: [Ink; 4] = [ink("c1", "d1"), ink("c2", "d1"), ink("c3", "d2"), ink("c4", "d3")];

/// The ink of a word, or that of the series' place.
pub(crate) fn of(word: &str, place: usize) -> Ink {
    FIXED
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, ink)| *ink)
        .or_else(|| BY_PLACE.get(place).copied())
        .unwrap_or(GREY)
}

#[cfg(test)]
mod tests {
    use rollcall_schemas::Factor;

    use super::*;

    #[test]
    fn every_factor_has_an_ink_of_its_own() {
        let mut seen = Vec::new();
        for factor in Factor::ALL {
            let ink = of(factor.as_str(), 99);
            let grey = matches!(factor, Factor::Other | Factor::Unknown);
            assert_eq!(ink == GREY, grey, "{factor}");
            assert!(grey || !seen.contains(&ink), "{factor}");
            seen.push(ink);
        }
    }

    #[test]
    fn other_words_take_the_ink_of_their_place() {
        assert_eq!(of("platform team", 1), BY_PLACE[1]);
        assert_eq!(of("platform team", 7), GREY);
    }
}
