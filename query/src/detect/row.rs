//! One event as detectors see it: numbers and closed words, made once for all of them.

use rollcall_schemas::{Activity, Credential, Factor, Mfa, Outcome, Platform, Position, Reason};
use serde::{Deserialize, Serialize};

use super::id::Id;

/// Microseconds of a minute, an hour, a day.
pub(crate) const MINUTE: i64 = 60_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// What kind of account it is, by the directory; where that knows none, by the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// A person's.
    Human,
    /// A machine's.
    Service,
    /// Several people's.
    Shared,
    /// For emergencies.
    BreakGlass,
    /// Nobody says.
    #[default]
    Unknown,
}

/// What an event is in the course of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Step {
    /// A person was asked for a second factor.
    Prompted,
    /// They refused, or let it time out.
    Refused,
    /// The code or assertion was wrong.
    WrongFactor,
    /// The first credential was wrong, or the account unknown, locked or disabled.
    Guessed,
    /// The first credential was right; more may be asked.
    Opened,
    /// In.
    In,
    /// Anything else.
    #[default]
    Other,
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Row {
    /// When it happened, µs since 1970 UTC.
    pub(crate) time: i64,
    /// Its identity.
    pub(crate) at: At,
    /// The row that it replaces.
    pub(crate) revises: Option<At>,
    /// Whose account, at which source: a number of both.
    pub(crate) account: Id,
    /// The person behind it; the account itself where nobody is known.
    pub(crate) person: Id,
    /// Whether the directory knows the person.
    pub(crate) is_known: bool,
    pub(crate) team: Id,
    pub(crate) kind: Kind,
    pub(crate) privileged: bool,
    /// Whether no person is behind it, as the event has it.
    pub(crate) automatic: bool,
    /// Minutes that the person's clock is ahead of UTC.
    pub(crate) offset: i32,
    pub(crate) source: Id,
    pub(crate) service: Id,
    pub(crate) actor: Id,
    pub(crate) activity: Activity,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<Reason>,
    pub(crate) mfa: Mfa,
    pub(crate) factor: Option<Factor>,
    pub(crate) credential: Option<Credential>,
    pub(crate) platform: Platform,
    pub(crate) step: Step,
    /// Whether the operation is one that matters most.
    pub(crate) critical: bool,
    /// What it does to codes that stand in for a factor.
    pub(crate) codes: Option<Codes>,
    /// Whether it takes something away from a policy.
    pub(crate) weakens: bool,
    /// Whether it closes or disables an account.
    pub(crate) closes: bool,
    pub(crate) operation: Id,
    pub(crate) policy: Id,
    pub(crate) flow: Id,
    pub(crate) session: Id,
    pub(crate) factor_id: Id,
    pub(crate) device: Id,
    /// Browser and system, without their versions.
    pub(crate) agent: Id,
    pub(crate) ip: Id,
    /// Its neighbours: /24 of IPv4, /48 of IPv6.
    pub(crate) subnet: Id,
    /// The autonomous system, or the neighbours where none is known.
    pub(crate) network: Id,
    pub(crate) country: Id,
    /// Latitude and longitude in millionths of a degree.
    pub(crate) place: Option<(i32, i32)>,
    /// Whether the operator named the address as an exit of a VPN or proxy: where it stands
    /// says nothing of where the person is.
    pub(crate) is_exit: bool,
    /// Whether the source says that it is a proxy, whosever.
    pub(crate) is_proxy: bool,
}

/// What is done with recovery and bypass codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codes {
    /// Made or handed out.
    Issued,
    /// Looked at, printed or downloaded.
    Viewed,
    /// Used to get in.
    Used,
}

/// A position that is small to store and has an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub(crate) struct At(pub(crate) i32, pub(crate) i64, pub(crate) i32);

impl From<Position> for At {
    fn from(position: Position) -> Self {
        Self(position.shard, position.seq, position.part)
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.0, self.1, self.2)
    }
}

impl Row {
    /// Whether a person may be behind it.
    pub(crate) fn is_human(&self) -> bool {
        match self.kind {
            Kind::Human => true,
            Kind::Unknown => !self.automatic,
            Kind::Service | Kind::Shared | Kind::BreakGlass => false,
        }
    }

    /// Whether it worked, whatever it was.
    pub(crate) fn worked(&self) -> bool {
        self.outcome == Outcome::Success
    }

    /// What the event is in the course of a sign-in.
    pub(crate) fn judged(&self) -> Step {
        match self.activity {
            Activity::Challenge => match self.factor {
                Some(Factor::Password) => Step::Other,
                _ => Step::Prompted,
            },
            Activity::Verify => self.verified(),
            Activity::Logon => self.signed_in(),
            _ => Step::Other,
        }
    }

    fn verified(&self) -> Step {
        let is_password = self.factor == Some(Factor::Password);
        match (self.outcome, is_password) {
            (Outcome::Success, true) => Step::Opened,
            (Outcome::Success, false) => Step::In,
            (Outcome::Failure | Outcome::Denied, true) => Step::Guessed,
            (Outcome::Denied | Outcome::Abandoned, false) => Step::Refused,
            (Outcome::Failure, false) => match self.reason {
                Some(Reason::FactorDenied | Reason::FactorTimeout) => Step::Refused,
                _ => Step::WrongFactor,
            },
            _ => Step::Other,
        }
    }

    fn signed_in(&self) -> Step {
        match self.outcome {
            Outcome::Success if self.is_half_way() => Step::Opened,
            Outcome::Success => Step::In,
            Outcome::Failure | Outcome::Denied | Outcome::Abandoned => match self.reason {
                Some(Reason::FactorDenied | Reason::FactorTimeout) => Step::Refused,
                Some(Reason::FactorFailed) => Step::WrongFactor,
                _ if self.mfa == Mfa::Abandoned => Step::Refused,
                Some(
                    Reason::BadPassword
                    | Reason::UnknownUser
                    | Reason::Locked
                    | Reason::Disabled
                    | Reason::TooManyAttempts
                    | Reason::BadKey
                    | Reason::Unknown
                    | Reason::Other,
                )
                | None => Step::Guessed,
                // The credential was right, or the service was at fault.
                Some(_) => Step::Other,
            },
            Outcome::Interrupted if self.reason == Some(Reason::MfaRequired) => Step::Opened,
            _ => Step::Other,
        }
    }

    /// A session that an identity provider opens after the password, before the factor.
    fn is_half_way(&self) -> bool {
        self.platform == Platform::Idp
            && self.mfa == Mfa::Unknown
            && self.credential == Some(Credential::Password)
            && self.flow != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(activity: Activity, outcome: Outcome, change: impl FnOnce(&mut Row)) -> Step {
        let mut row = Row { activity, outcome, ..Row::default() };
        change(&mut row);
        row.judged()
    }

    #[test]
    fn a_password_alone_opens_and_a_factor_lets_in() {
        use Activity::{Challenge, Logon, Verify};
        use Outcome::{Denied, Failure, Interrupted, Success};
        let half = |row: &mut Row| {
            row.platform = Platform::Idp;
            row.credential = Some(Credential::Password);
            row.flow = 7;
        };
        assert_eq!(judged(Logon, Success, half), Step::Opened);
        assert_eq!(judged(Logon, Success, |row| row.platform = Platform::Ssh), Step::In);
        assert_eq!(judged(Verify, Success, |row| row.factor = Some(Factor::Push)), Step::In);
        assert_eq!(
            judged(Verify, Success, |row| row.factor = Some(Factor::Password)),
            Step::Opened
        );
        assert_eq!(
            judged(Logon, Interrupted, |row| row.reason = Some(Reason::MfaRequired)),
            Step::Opened
        );
        assert_eq!(judged(Verify, Denied, |row| row.factor = Some(Factor::Push)), Step::Refused);
        assert_eq!(
            judged(Verify, Failure, |row| row.factor = Some(Factor::Totp)),
            Step::WrongFactor
        );
        assert_eq!(judged(Challenge, Success, |_| {}), Step::Prompted);
    }

    #[test]
    fn what_is_no_guess_is_not_counted_as_one() {
        use Reason::{BadPassword, PasswordExpired, Policy, ServiceError, UnknownUser};
        let of =
            |reason| judged(Activity::Logon, Outcome::Failure, |row| row.reason = Some(reason));
        assert_eq!([of(BadPassword), of(UnknownUser)], [Step::Guessed; 2]);
        assert_eq!([of(PasswordExpired), of(Policy), of(ServiceError)], [Step::Other; 3]);
    }
}
