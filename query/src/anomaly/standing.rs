//! How a series stands, in words: a figure that isn't earned yet is not given.

use super::kind::Kind;
use crate::stats::{estimate::NotEstimable, size};

/// Whether a series is judged, and if not, why.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// What it counts.
    pub kind: Kind,
    /// The source; none: all that have learned, together.
    pub source: Option<String>,
    /// The service, where it is one's.
    pub service: Option<String>,
    /// What it lacks, in a sentence; none: it is judged.
    pub lacks: Option<String>,
}

impl Standing {
    pub(super) fn new(
        kind: Kind,
        (source, service): (Option<String>, Option<String>),
        lacks: Option<NotEstimable>,
        deaf: bool,
    ) -> Self {
        let full = "More names and networks than can be remembered: none is called unknown.";
        let lacks = match lacks {
            None => deaf.then(|| full.to_owned()),
            Some(NotEstimable::TooFew { have, need, .. }) => Some(format!(
                "Still learning: {:.1} of {:.0} weeks of data. Nothing is raised yet.",
                (size(have) / 168.0 * 10.0).floor() / 10.0,
                size(need) / 168.0
            )),
            Some(other) => Some(format!("Not judged: {other}.")),
        };
        Self { kind, source, service, lacks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_said() {
        let lacks = |lacks, deaf| Standing::new(Kind::Failures, (None, None), lacks, deaf).lacks;
        let few = NotEstimable::TooFew { what: "hours", have: 671, need: 672 };
        let learning = "Still learning: 3.9 of 4 weeks of data. Nothing is raised yet.";
        assert_eq!(lacks(Some(few), false).as_deref(), Some(learning));
        assert_eq!(lacks(None, false), None);
        assert!(lacks(None, true).is_some_and(|words| words.contains("unknown")));
        let unsettled = lacks(Some(NotEstimable::Unsettled), false);
        assert_eq!(unsettled.as_deref(), Some("Not judged: not estimable: the fit didn't settle."));
    }
}
