//! What people do at GitHub.

use chrono::{DateTime, Utc};

use super::event::{Actor, More, write};
use super::repository::{GIT, REPOSITORIES, transport};
use crate::people::Person;
use crate::record::Outbox;
use crate::traffic::Scene;
use crate::world::Chance;

/// `git` over ssh with a key or over HTTPS with a token.
pub(crate) fn git_session(scene: &mut Scene, out: &mut Outbox, at: DateTime<Utc>) {
    let Some(actor) = actor(scene, GIT) else {
        return;
    };
    let person = scene.person;
    let chance = &mut scene.chance;
    let (repo, _) = *chance.pick(&REPOSITORIES);
    // A person keeps to one way: a key, or a token.
    let token = person.index.is_multiple_of(3);
    let more = transport(repo, token.then_some(person.github_token.as_str()), person.github_id);
    let mut at = at;
    for _ in 0..1 + chance.poisson(0.7).min(5) {
        let action = chance.weighted(&[("git.fetch", 6.0), ("git.push", 4.0), ("git.clone", 1.0)]);
        let operation = if action == "git.push" { "modify" } else { "access" };
        write(out, at, actor, (action, operation), more.clone(), chance);
        at += chance.delay(70.0, 1.0, 600.0);
    }
}

/// The browser: the assertion arrives, then the day's work.
pub(crate) fn browser_session(scene: &mut Scene, out: &mut Outbox, reached: DateTime<Utc>) {
    let agent = scene.device.make.user_agent;
    let Some(actor) = actor(scene, agent) else {
        return;
    };
    let chance = &mut scene.chance;
    let mut at = reached + chance.pause(0.3, 2.0);
    if chance.yes(0.02) {
        let failed = ("user.failed_login", "authentication");
        write(out, at, actor, failed, More { user: Some(actor.login), ..More::default() }, chance);
        at += chance.delay(12.0, 0.5, 60.0);
    }
    let user = More { user: Some(actor.login), ..More::default() };
    if chance.yes(0.15) {
        write(out, at, actor, ("user.login", "authentication"), user.clone(), chance);
        at += chance.pause(0.2, 2.0);
    }
    write(out, at, actor, ("org.sso_response", "authentication"), user, chance);
    for _ in 0..chance.poisson(1.1).min(4) {
        at += chance.delay(120.0, 0.9, 700.0);
        act(actor, out, at, scene.person, chance);
    }
}

/// One thing that somebody does in the browser.
fn act(actor: Actor, out: &mut Outbox, at: DateTime<Utc>, person: &Person, chance: &mut Chance) {
    let (repo, protected) = *chance.pick(&REPOSITORIES);
    let number = chance.bits() % 900_000 + 1000;
    let base = More {
        repo: Some(repo),
        repository: Some(repo),
        repository_public: Some(false),
        ..More::default()
    };
    let draw = chance.unit();
    if (0.66..0.86).contains(&draw) {
        deploy(actor, out, at, More { workflow_run_id: Some(number), ..base }, chance);
        return;
    }
    let pull_request = More { pull_request_id: Some(number), ..base.clone() };
    let (action, operation, more) = if draw < 0.62 {
        ("pull_request.merge", "modify", More { branch: Some("main"), ..pull_request })
    } else if draw < 0.66 && protected {
        let overridden_codes: Option<&[&str]> = Some(&["review_policy_not_satisfied"]);
        let more = More { branch: Some("refs/heads/main"), overridden_codes, ..base };
        ("protected_branch.policy_override", "modify", more)
    } else if draw < 0.89 && person.admin {
        let more = More { environment_name: Some("production"), ..base };
        ("environment.update_protection_rule", "modify", more)
    } else if draw > 0.94 {
        let more = More { token_id: Some(number), user: Some(actor.login), ..More::default() };
        ("personal_access_token.access_granted", "create", more)
    } else {
        ("pull_request.create_review_request", "create", pull_request)
    };
    write(out, at, actor, (action, operation), more, chance);
}

/// A workflow that deploys, mostly to production, where it is approved.
fn deploy(actor: Actor, out: &mut Outbox, at: DateTime<Utc>, base: More, chance: &mut Chance) {
    let run = More { event: Some("workflow_dispatch"), name: Some("deploy"), ..base };
    let created = ("workflows.created_workflow_run", "create");
    write(out, at, actor, created, run.clone(), chance);
    if chance.yes(0.6) {
        let approved = ("workflows.approve_workflow_job", "modify");
        let more = More { environment_name: Some("production"), ..run };
        let then = at + chance.delay(60.0, 0.5, 300.0);
        write(out, then, actor, approved, more, chance);
    }
}

fn actor<'a>(scene: &Scene<'a>, agent: &'a str) -> Option<Actor<'a>> {
    let person = scene.person;
    Some(Actor {
        login: person.github.as_deref()?,
        id: person.github_id,
        bot: false,
        identity: Some(&person.email),
        network: scene.network,
        agent,
    })
}
