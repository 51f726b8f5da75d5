//! Build services: clones with a token, workflows that start and end.

use super::event::{Actor, More, write};
use super::repository::{GIT, REPOSITORIES, transport};
use crate::people::Service;
use crate::record::Outbox;
use crate::world::Network;

/// A build service: clones, now and then a push, workflows that start and end.
pub(crate) fn builds(seed: u64, service: &Service, out: &mut Outbox) {
    let network = Network::cloud(service.index);
    let actor = Actor {
        login: service.login,
        id: service.github_id,
        bot: true,
        identity: None,
        network: &network,
        agent: GIT,
    };
    for (at, mut chance) in crate::traffic::runs(seed, service, out) {
        let (repo, _) = *chance.pick(&REPOSITORIES);
        let more = transport(repo, Some(&service.token), service.github_id);
        write(out, at, actor, ("git.clone", "access"), more.clone(), &mut chance);
        if chance.yes(0.15) {
            let then = at + chance.delay(200.0, 0.4, 600.0);
            write(out, then, actor, ("git.push", "modify"), more, &mut chance);
        }
        if chance.yes(0.35) {
            let run = More {
                repo: Some(repo),
                repository: Some(repo),
                repository_public: Some(false),
                workflow_run_id: Some(chance.bits() % 900_000_000),
                event: Some("push"),
                name: Some(if service.privileged { "release" } else { "build" }),
                environment_name: service.privileged.then_some("production"),
                ..More::default()
            };
            write(
                out,
                at + chance.pause(1.0, 5.0),
                actor,
                ("workflows.created_workflow_run", "create"),
                run.clone(),
                &mut chance,
            );
            let then = at + chance.delay(240.0, 0.5, 1500.0);
            write(
                out,
                then,
                actor,
                ("workflows.completed_workflow_run", "modify"),
                run,
                &mut chance,
            );
        }
    }
}
