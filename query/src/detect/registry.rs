//! The table of detectors: a row and a file each. docs/detectors.md is made from it.

use super::detector::{
    Detector, break_glass, codes, credential_stuffing, dormant, factor_downgrade, guessing,
    impossible_travel, new_place, password_spray, push_bombing, rare_hour, session_theft,
    shared_factor, takeover,
};
use super::parameter::{Parameter, Parameters};
use super::row::{DAY, HOUR};

/// One detector.
#[derive(Debug)]
pub struct DetectorInfo {
    /// Its name: in alerts, and in `[detect.NAME]`.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it looks for, and why that is odd.
    pub meaning: &'static str,
    /// Its forms, if it has several, and what each is.
    pub forms: &'static [(&'static str, &'static str)],
    /// The severities that it gives, in words.
    pub severity: &'static str,
    /// The events that prove an alert.
    pub evidence: &'static str,
    /// What to do about one.
    pub next_step: &'static str,
    /// What can be set.
    pub parameters: &'static [Parameter],
    /// An incident is over after so long without anything new, µs.
    pub(crate) quiet: i64,
    pub(crate) looks_at: LooksAt,
}

/// What a detector looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LooksAt {
    /// Every event, once.
    Events(fn(Parameters) -> Box<dyn Detector>),
}

/// Every detector.
pub fn detectors() -> &'static [DetectorInfo] {
    DETECTORS
}

/// Its row, by its name.
pub fn detector(name: &str) -> Option<&'static DetectorInfo> {
    DETECTORS.iter().find(|one| one.name == name)
}

static DETECTORS: &[DetectorInfo] = &[
    DetectorInfo {
        name: "push_bombing",
        title: "Push bombing",
        meaning: "Somebody who has a password asks for the second factor again and again, until the person approves one to be left in peace. Prompts count that were denied, timed out, or had no answer within a minute; one prompt that two vendors tell of counts once.",
        forms: &[
            ("fast", "many within minutes"),
            ("slow", "more within 7 days than the person's own rate makes likely"),
        ],
        severity: "high; critical once a prompt is accepted; the slow form medium",
        evidence: "the prompts and their answers, and the one that was accepted",
        next_step: "Call the person, not by the channel that is being bombed: did they ask for these? If not, their password is known: reset it, end their sessions, and if one was approved treat the account as taken over.",
        parameters: push_bombing::PARAMETERS,
        quiet: 6 * HOUR,
        looks_at: LooksAt::Events(push_bombing::open),
    },
    DetectorInfo {
        name: "password_spray",
        title: "Password spray",
        meaning: "A few common passwords are tried on many accounts, few times each, so that none is locked. What people get wrong from their own networks and devices isn't counted.",
        forms: &[
            ("one_address", "from one address"),
            ("many_addresses", "at one source, from any number of addresses"),
        ],
        severity: "high",
        evidence: "the failures in the window",
        next_step: "Look whether any account of the list got in from these addresses (`SELECT * FROM events WHERE ip = …`); block the addresses; reset the passwords of accounts whose first credential was right.",
        parameters: password_spray::PARAMETERS,
        quiet: 2 * HOUR,
        looks_at: LooksAt::Events(password_spray::open),
    },
    DetectorInfo {
        name: "credential_stuffing",
        title: "Credential stuffing",
        meaning: "Pairs of login and password that leaked elsewhere are tried, each once or twice, from one address or its neighbours.",
        forms: &[
            ("address", "from one address"),
            ("network", "from neighbouring addresses: /24 of IPv4, /48 of IPv6"),
        ],
        severity: "high",
        evidence: "the failures in the window",
        next_step: "Look whether any account got in from there; block the addresses; ask those whose first credential was right to change it everywhere.",
        parameters: credential_stuffing::PARAMETERS,
        quiet: 2 * HOUR,
        looks_at: LooksAt::Events(credential_stuffing::open),
    },
    DetectorInfo {
        name: "guessing",
        title: "Guessing against one user",
        meaning: "Many wrong credentials for one account, from whatever addresses. Accounts of which the source says that they don't exist aren't counted: nobody gets into those.",
        forms: &[],
        severity: "high; critical once a first credential is right, not from the person's own network or device",
        evidence: "the failures in the window, and the success",
        next_step: "Find out whether the person did that, with a new device say. If not, block the addresses; if a credential was right, reset it and look at what the account did since.",
        parameters: guessing::PARAMETERS,
        quiet: 3 * HOUR,
        looks_at: LooksAt::Events(guessing::open),
    },
    DetectorInfo {
        name: "impossible_travel",
        title: "Impossible travel",
        meaning: "One person gets in at two places between which nobody travels so fast. Not within one network, not from exits that are known as such (a source's word, or `detect.exits`), not between networks among which the organisation moves daily, not with devices that the person has had for days at both, since then it is their traffic that goes by an exit somewhere, and not the way that such devices of others went.",
        forms: &[],
        severity: "medium; high for privileged accounts",
        evidence: "both sign-ins",
        next_step: "Ask the person where they are and whether they use a VPN. If it is one of the organisation's, add it to `detect.exits`; if the second sign-in isn't theirs, end the sessions and reset the credentials.",
        parameters: impossible_travel::PARAMETERS,
        quiet: 12 * HOUR,
        looks_at: LooksAt::Events(impossible_travel::open),
    },
    DetectorInfo {
        name: "new_place",
        title: "New place, network or device",
        meaning: "Somebody gets in from a country, a network or with a device that they never had. How odd that is depends on how often this person, their team and everybody have new ones: a new phone alone is nothing, a first country with a first network and an unknown device is.",
        forms: &[],
        severity: "medium; high for privileged accounts",
        evidence: "the sign-in",
        next_step: "Ask the person whether that was them. If not, end the sessions, reset the credentials, and look at what was done from there.",
        parameters: new_place::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(new_place::open),
    },
    DetectorInfo {
        name: "rare_hour",
        title: "Rare hour",
        meaning: "Somebody gets in at an hour at which neither they nor their team do, on the circle of the day and on that of the week, on their own clock; from a network and with a device that they hadn't before.",
        forms: &[],
        severity: "low; medium for privileged accounts",
        evidence: "the sign-in",
        next_step: "Look at what was done in that hour; ask the person if it matters.",
        parameters: rare_hour::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(rare_hour::open),
    },
    DetectorInfo {
        name: "factor_downgrade",
        title: "Factor downgrade",
        meaning: "Less is asked for than before: a person gets into a service with a weaker factor than in the 30 days before, a factor is removed and not replaced, or a policy is removed, switched off or set to only report.",
        forms: &[
            (
                "weaker_factor",
                "a weaker factor than any that the person used for the service lately",
            ),
            ("removed_factor", "a factor was removed and none was enrolled around that time"),
            (
                "weakened_policy",
                "a policy asks for less: by an event, or by the daily snapshots of what stands at the vendor",
            ),
        ],
        severity: "medium, for privileged accounts high; a weakened policy high",
        evidence: "the sign-in and the weakest one before it; the removal; the change",
        next_step: "Find out who wanted that: the person (a lost key), the helpdesk, or whoever owns the policy. An attacker in the middle asks for a weaker factor since the stronger one can't be passed on.",
        parameters: factor_downgrade::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(factor_downgrade::open),
    },
    DetectorInfo {
        name: "takeover",
        title: "Takeover chain",
        meaning: "The helpdesk is talked into a reset, the caller enrols a factor of their own, comes from a network or with a device that the person never had, and does from there what matters most: reads secrets, gives rights, changes production.",
        forms: &[],
        severity: "critical",
        evidence: "the reset, the first event from the new network or device, and the operation",
        next_step: "Lock the account now and end its sessions; then call the person by a number that you had before the reset. Replace every secret that was read.",
        parameters: takeover::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(takeover::open),
    },
    DetectorInfo {
        name: "session_theft",
        title: "Session theft",
        meaning: "One session is used from two networks and with two browsers or programs: its cookie was copied. Versions of a browser don't count, since it updates itself.",
        forms: &[],
        severity: "high; critical for privileged accounts",
        evidence: "an event of each use",
        next_step: "End the session at its source, not only at the browser, and look at what the second use did. Then look for malware on the person's device.",
        parameters: session_theft::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(session_theft::open),
    },
    DetectorInfo {
        name: "dormant",
        title: "Dormant account",
        meaning: "An account gets in after months without any success: of somebody who left, say, or that was forgotten.",
        forms: &[],
        severity: "medium; high for privileged accounts",
        evidence: "the success, and the last one before",
        next_step: "Ask its owner whether it is still needed; if nobody knows it, disable it and look at what it did.",
        parameters: dormant::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(dormant::open),
    },
    DetectorInfo {
        name: "break_glass",
        title: "Break-glass use",
        meaning: "An account is used, or tried, that is kept for emergencies (kind `break_glass` in the directory).",
        forms: &[],
        severity: "critical; a try that failed high",
        evidence: "the first event of the use",
        next_step: "Find the emergency or the drill and its ticket, and close this with it. If there is none, lock the account.",
        parameters: break_glass::PARAMETERS,
        quiet: 4 * HOUR,
        looks_at: LooksAt::Events(break_glass::open),
    },
    DetectorInfo {
        name: "bypass_and_recovery_codes",
        title: "Bypass and recovery codes",
        meaning: "A code that gets past the second factor is issued, looked at or used.",
        forms: &[
            ("issued", "made, or handed out by an administrator"),
            ("viewed", "shown, printed or downloaded"),
            ("used", "used to get in"),
        ],
        severity: "issued low, viewed medium, used high",
        evidence: "the event",
        next_step: "Find the ticket or ask the person. A code that was used should be followed by a new factor; make the old codes void.",
        parameters: codes::PARAMETERS,
        quiet: HOUR,
        looks_at: LooksAt::Events(codes::open),
    },
    DetectorInfo {
        name: "shared_factor",
        title: "Shared factor",
        meaning: "One factor (a token, a phone) is enrolled for two people: each can be the other, or an attacker enrolled one of their own for both.",
        forms: &[],
        severity: "high",
        evidence: "both enrolments",
        next_step: "Ask both. If they share a device on purpose, give each their own; if neither knows it, remove it and treat both accounts as taken over.",
        parameters: shared_factor::PARAMETERS,
        quiet: DAY,
        looks_at: LooksAt::Events(shared_factor::open),
    },
];
