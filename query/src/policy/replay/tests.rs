//! Policies replayed over a few accesses that a person can count.

use chrono::{DateTime, Utc};

use super::{Replay, ReplayRequest};
use crate::policy::Policy;
use crate::{Catalog, Settings, fixture};

/// The first policy of the lines, over a period of what they say.
async fn replay(lines: &str, from: &str, to: &str, sealed: usize) -> Replay {
    let policy: Policy = fixture::code::files(lines).remove(0);
    // What is replayed needn't be loaded.
    let data: Vec<&str> = lines.lines().filter(|line| !line.trim().starts_with("code")).collect();
    let world = fixture::world(&data.join("\n"));
    let catalog = Catalog::detached(Settings::default()).expect("a catalog");
    let session = catalog.session_on(world.snapshot(sealed));
    let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
    let (from, to) = (moment(from), moment(to));
    let request = ReplayRequest { policy, from, to, everyone: false };
    session.replay(&request, &|_| ()).await.expect("a replay")
}

/// By hand: a second factor of the last four hours at okta. ada has one: asked at 08:00, which
/// she would have answered, so that 09:00 passes; at 13:00 she is asked again. bo has none: both
/// times locked out. cy is in no snapshot: taken to have one. dee verified the evening before
/// the period, at 23:00: 01:00 passes. The robot answers nothing: denied. eve was prompted with
/// SMS, which is a second factor. fay did it on another's word, unknown which.
const HISTORY: &str = r#"
    person ada human *:ada team=red name=Ada
    person bo human *:bo team=red
    person cy human *:cy
    person dee human *:dee
    person eve human *:eve
    person robot service *:robot
    factor 2026-03-02 okta ada totp active
    factor 2026-03-02 okta bo none active
    code id = "okta-second-factor"
    code version = 1
    code owner = "identity"
    code vendor = ["okta:p1"]
    code effective = 2026-03-01T00:00:00Z
    code phase = "enforced"
    code [[rule]]
    code when = "source = 'okta'"
    code require = { strength = "second_factor", max_age = "4h" }
    code otherwise = "challenge"
    event 2026-03-01T23:00:00Z okta dee logon success mfa=performed factor=push
    event 2026-03-02T01:00:00Z okta dee logon success
    event 2026-03-02T08:00:00Z okta ada logon success policy=p1 policy_mode=report_only policy_result=would_challenge
    event 2026-03-02T09:00:00Z okta ada logon success policy=p1 policy_mode=report_only policy_result=allowed
    event 2026-03-02T10:00:00Z okta bo logon success policy=p1 policy_mode=report_only policy_result=would_challenge
    event 2026-03-02T10:30:00Z okta bo logon success
    event 2026-03-02T11:00:00Z okta cy logon success
    event 2026-03-02T11:30:00Z okta robot logon success interactive=false
    event 2026-03-02T12:00:00Z okta eve challenge success flow=f1 factor=sms
    event 2026-03-02T12:00:09Z okta eve verify success flow=f1 factor=sms mfa=performed
    event 2026-03-02T12:00:10Z okta eve logon success flow=f1
    event 2026-03-02T13:00:00Z okta ada logon success
    event 2026-03-02T14:00:00Z github ada logon success
    event 2026-03-03T01:00:00Z okta bo logon success"#;

#[tokio::test]
async fn a_replay_remembers_who_would_have_answered() {
    for sealed in [0, 4, usize::MAX] {
        let replay = replay(HISTORY, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", sealed).await;
        let answers = replay.answers;
        assert_eq!(replay.accesses, 10);
        assert_eq!(answers.not_applied, 1, "github");
        assert_eq!(answers.pass, 3, "dee, ada at 09:00, eve");
        assert_eq!(answers.challenge, 3, "ada twice, cy");
        assert_eq!(answers.locked_out, 2, "bo twice");
        assert_eq!((answers.deny, answers.cannot_tell, answers.excepted), (1, 0, 0), "the robot");
        assert_eq!(replay.people_affected, 3);
        assert_eq!((replay.services_affected, replay.others_affected), (1, 0));
        assert_eq!((replay.locked_out, replay.factor_unknown), (1, 1));
        assert!((replay.still_without_factor.value - 1.0).abs() < f64::EPSILON);
        let worst: Vec<&str> = replay.worst_hit.iter().map(|one| one.who.as_str()).collect();
        assert_eq!(worst, ["bo", "robot", "ada", "cy"]);
        let needed: Vec<&str> =
            replay.exceptions_needed.iter().map(|one| one.who.as_str()).collect();
        assert_eq!(needed, ["service:robot"]);
    }
}

#[tokio::test]
async fn prompts_on_top_take_as_long_as_those_that_were_measured() {
    let replay = replay(HISTORY, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 0).await;
    let prompts = replay.prompts;
    // A day is a seventh of a week: one prompt was (eve's, 9 s), three would have come on top.
    assert!((prompts.now_a_week - 7.0).abs() < 1e-9, "{prompts:?}");
    assert!((prompts.extra_a_week - 21.0).abs() < 1e-9, "{prompts:?}");
    assert_eq!(prompts.measured, (1, 1));
    assert!(prompts.mean_ms.is_some_and(|ms| (ms - 9000.0).abs() < 1e-9));
    let minutes = prompts.extra_minutes_a_week.expect("measured");
    assert!((minutes - 21.0 * 9.0 / 60.0).abs() < 1e-9, "{minutes}");
    assert!(prompts.next_week.is_none(), "one week says nothing of the next");
}

#[tokio::test]
async fn the_vendors_own_results_are_held_against_ours() {
    let replay = replay(HISTORY, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 0).await;
    let pairs: Vec<_> = replay
        .agreement
        .iter()
        .map(|pair| (pair.vendor.as_str(), pair.ours, pair.accesses, pair.agree))
        .collect();
    // Okta would have challenged bo, who has nothing to answer with.
    let expected = [
        ("allowed", "pass", 1, true),
        ("would_challenge", "challenge", 1, true),
        ("would_challenge", "locked_out", 1, false),
    ];
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn a_pilot_binds_its_cohorts_alone() {
    let pilot = HISTORY
        .replace("phase = \"enforced\"", "phase = \"pilot\"\n    code cohorts = [\"team:red\"]");
    let replay = replay(&pilot, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 0).await;
    assert_eq!(replay.not_bound, 4, "dee, cy, the robot, eve");
    assert_eq!((replay.answers.challenge, replay.answers.locked_out), (2, 2));
}

#[tokio::test]
async fn what_is_not_told_is_neither_pass_nor_denial() {
    // Nothing ever says how these people verify: github and the stranger's console.
    let lines = r#"
        person ada human *:ada
        code id = "everything"
        code version = 1
        code owner = "identity"
        code effective = 2026-03-01T00:00:00Z
        code phase = "enforced"
        code [[rule]]
        code when = "true"
        code require = { strength = "totp" }
        code otherwise = "deny"
        event 2026-03-02T08:00:00Z github ada logon success
        event 2026-03-02T08:10:00Z github ada access success operation=git.push
        event 2026-03-02T09:00:00Z cloudtrail stranger access success operation=RunInstances
        event 2026-03-02T10:00:00Z okta ada logon success mfa=performed factor=other
        event 2026-03-02T10:30:00Z okta ada logon success mfa=none
        event 2026-03-02T10:40:00Z github ada access success operation=git.push"#;
    let replay = replay(lines, "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", 0).await;
    // ada's factor can't be ranked; her password alone is a denial, and her push after it.
    assert_eq!(replay.answers.cannot_tell, 4);
    assert_eq!((replay.answers.pass, replay.answers.deny), (0, 2));
}
