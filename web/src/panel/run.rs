//! Panels side by side, each on its own feet: one that fails, hangs or panics
//! takes nothing else down.

use std::time::Duration;

use futures::future::join_all;

use super::context::Context;
use super::listing;
use super::metric::{Asked, failed};
use super::spec::{Ask, Spec};
use super::{Panel, query};
use crate::ask::{Failure, FailureKind};

/// Longer than this nobody waits for a panel.
const PATIENCE: Duration = Duration::from_secs(20);

/// Builds panels at the same time, and gives them in their order.
pub(crate) async fn run(specs: &[Spec], context: &Context) -> Vec<Panel> {
    let tasks = specs.iter().map(|spec| {
        let (spec, context) = (*spec, context.clone());
        async move {
            let (id, title, wide) = (spec.id, spec.title, spec.wide);
            guarded(id, async move { build(&spec, &context).await })
                .await
                .unwrap_or_else(|state| Panel::bare(id, titled(id, title), wide, state))
        }
    });
    join_all(tasks).await
}

/// Runs work of its own; what it dies of becomes a state.
pub(crate) async fn guarded<T: Send + 'static>(
    what: &str,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, super::State> {
    let task = tokio::spawn(tokio::time::timeout(PATIENCE, work));
    // A page that nobody waits for any more doesn't go on asking.
    let _stop = StopOnDrop(task.abort_handle());
    let message = match task.await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(_)) => format!("it took longer than {} seconds", PATIENCE.as_secs()),
        Err(error) if error.is_panic() => "it ran into a bug of ours".to_owned(),
        Err(_) => "it was cancelled".to_owned(),
    };
    Err(failed(&Failure { kind: FailureKind::Failed, message }, what))
}

struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn build(spec: &Spec, context: &Context) -> Panel {
    match spec.ask {
        Ask::Metric { metric, figures, by, shape } => {
            super::metric::build(spec, Asked { metric, figures, by, shape }, context).await
        }
        Ask::Process(which) => super::process::build(spec, which, context),
        Ask::Listing(name) => match listing::find(name) {
            Some(listing) => query::build(spec, listing, context).await,
            None => {
                let message = format!("there is no listing {name}");
                let failure = Failure { kind: FailureKind::Unknown, message };
                Panel::bare(spec.id, spec.title.to_owned(), spec.wide, failed(&failure, name))
            }
        },
    }
}

fn titled(id: &str, title: &str) -> String {
    if title.is_empty() { crate::text::words(id).replace('-', " ") } else { title.to_owned() }
}
