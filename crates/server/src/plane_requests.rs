//! What a node asks of the one that acts for a part of the plane: nodes don't talk to each other, so questions and answers
//! are records for a moment.
//!
//! Invariants: a question was judged by the node that asks, with the rights of its caller, before it is written; whoever
//! answers does what its own operations would do; a wait has an end.
//!
//! To let one more thing be asked: a variant of [`Question`], one of [`Told`], and what `answer` does.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use linkspan_engine::command::{Fence, SystemCommand};
use linkspan_engine::{Engine, Origin, PlaneScope, Refusal, Reply, Request};
use linkspan_model::{PlaneRequest, Stamp};
use linkspan_plane::ProbeSpec;
use linkspan_wire::own::{Diagnosis, FaultRules};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::diagnosis;
use crate::faults;
use crate::plane_side::{Acting, PlaneSide};
use crate::tester::pause;

/// How long an answer is waited for beside what the answer itself may take: as long as it may take to succeed a node.
const PATIENCE: Duration = Duration::from_secs(12);
/// Requests that are answered at the same time.
const AT_ONCE: usize = 32;

/// What can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    /// To try a way, and explain what is found.
    Diagnose(ProbeSpec),
    /// To choose these faults if there are any, and to say which are chosen.
    Faults(Option<FaultRules>),
}

/// What can be answered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Diagnosis(Box<Diagnosis>),
    Faults(FaultRules),
    /// It could not be done, for this reason.
    No(String),
}

/// Asks whoever acts for a scope, and waits for the answer. `turn` is kept until nothing of it is on record any more, also
/// if the caller goes meanwhile: whoever asks and hangs up would otherwise leave no room for others' questions.
pub(crate) async fn ask(
    engine: &Engine,
    scope: &PlaneScope,
    question: Question,
    turn: impl Send + 'static,
) -> Result<Told, Refusal> {
    let (engine, scope) = (engine.clone(), scope.clone());
    let asking = tokio::spawn(async move {
        let told = ask_to_the_end(&engine, &scope, &question).await;
        drop(turn);
        told
    });
    asking.await.map_err(|_panicked| Refusal::Internal)?
}

async fn ask_to_the_end(engine: &Engine, scope: &PlaneScope, question: &Question) -> Result<Told, Refusal> {
    let within = PATIENCE + question.may_take();
    let text = serde_json::to_string(question).map_err(|_| Refusal::Internal)?;
    let asked = engine.submit(system(SystemCommand::Ask(scope.clone(), text.into())), Origin::default()).await?;
    let Reply::PlaneRequest(created) = asked else { return Err(Refusal::Internal) };
    let answer = timeout(within, answered(engine, created)).await;
    // If the store can't be reached, it is left to the engine's housekeeping.
    let _kept_for_a_while = engine.submit(system(SystemCommand::Forget(created)), Origin::default()).await;
    match answer {
        Ok(Some(answer)) => serde_json::from_str(&answer).map_err(|_| Refusal::Internal),
        Ok(None) => Err(Refusal::Unavailable),
        Err(_late) => {
            let who = PlaneSide::told(scope, &engine.view());
            let who = who.unwrap_or_else(|| format!("No node acts for {scope}, so nothing can be tried."));
            Ok(Told::No(format!("No answer came within {} seconds. {who}", within.as_secs())))
        }
    }
}

impl Question {
    fn may_take(&self) -> Duration {
        match self {
            Self::Diagnose(spec) => spec.limit + diagnosis::BESIDE,
            Self::Faults(_) => Duration::ZERO,
        }
    }
}

/// The answer, once it is there; none if the request is gone or the engine ends.
async fn answered(engine: &Engine, created: Stamp) -> Option<Box<str>> {
    let mut revisions = engine.revisions();
    loop {
        revisions.borrow_and_update();
        let view = Arc::clone(&engine.view());
        if let Some(answer) = view.plane_request(created)?.answer.clone() {
            return Some(answer);
        }
        drop(view);
        revisions.changed().await.ok()?;
    }
}

fn system(command: SystemCommand) -> Request {
    Request::System(command)
}

/// Answers what is asked of this node while it acts.
pub(crate) struct Clerk {
    pub(crate) engine: Engine,
    pub(crate) fence: Fence,
    pub(crate) acting: Acting,
    pub(crate) side: PlaneSide,
}

impl Clerk {
    /// Works for ever; dropping it ends what it has begun, and a successor answers instead.
    pub(crate) async fn run(self) {
        let clerk = Arc::new(self);
        let mut revisions = clerk.engine.revisions();
        let (mut begun, mut tasks): (HashSet<Stamp>, _) = (HashSet::new(), JoinSet::new());
        loop {
            revisions.borrow_and_update();
            let view = Arc::clone(&clerk.engine.view());
            // Whatever became of an answer, what was begun is not done a second time.
            begun.retain(|created| view.plane_request(*created).is_some());
            for request in view.asked_of(&clerk.fence.scope) {
                if tasks.len() >= AT_ONCE {
                    break;
                }
                if begun.insert(request.created) {
                    tasks.spawn(Arc::clone(&clerk).settle(request.clone()));
                }
            }
            drop(view);
            tokio::select! {
                changed = revisions.changed() => if changed.is_err() { return },
                // A task that panicked leaves its request unanswered.
                Some(_ended) = tasks.join_next() => {}
            }
        }
    }

    async fn settle(self: Arc<Self>, request: PlaneRequest) {
        let told = match serde_json::from_str(&request.question) {
            Ok(question) => self.answer(question).await,
            // Only a node of another release asks so.
            Err(why) => Told::No(format!("The node that acts for the plane does not understand the question: {why}")),
        };
        if let Err(Refusal::Exceeds(why)) = self.put(request.created, &told).await {
            // Whoever asked is told that much, or that no answer came.
            let _unheard = self.put(request.created, &Told::No(why)).await;
        }
    }

    /// Puts an answer on record as soon as the store takes it.
    async fn put(&self, created: Stamp, told: &Told) -> Result<Reply, Refusal> {
        let text: Box<str> = serde_json::to_string(told).map_err(|_| Refusal::Internal)?.into();
        loop {
            let answer = Box::new(SystemCommand::Answer(created, text.clone()));
            match self.engine.submit(system(SystemCommand::Fenced(self.fence.clone(), answer)), Origin::default()).await
            {
                Err(Refusal::Overloaded | Refusal::Unavailable | Refusal::StorageFull) => pause().await,
                settled => return settled,
            }
        }
    }

    async fn answer(&self, question: Question) -> Told {
        let found = match question {
            Question::Diagnose(spec) => {
                let (asked, view) = (diagnosis::Question::of(spec), Arc::clone(&self.engine.view()));
                let found = asked.answer(view, &self.acting.reconciler, &self.side.turns).await;
                found.map(|found| Told::Diagnosis(Box::new(found))).map_err(|why| why.to_string())
            }
            Question::Faults(new) => match &self.acting.simulated {
                Some(plane) => faults::answer(plane, new).map(Told::Faults).map_err(|why| why.detail.into()),
                None => Err("The plane of the node that acts is not the simulated one.".to_owned()),
            },
        };
        found.unwrap_or_else(Told::No)
    }
}

#[cfg(test)]
#[path = "plane_requests_tests.rs"]
mod tests;
