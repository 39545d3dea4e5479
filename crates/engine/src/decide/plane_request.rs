//! What nodes ask of whoever acts for a part of the plane. Requests and answers are kept until whoever asked has read
//! them, and for a minute at most.

use linkspan_model::{PlaneRequest, Stamp};

use super::{Context, Decision};
use crate::acting::PlaneScope;
use crate::command::Reply;
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::State;

/// Requests that are kept at the same time, of all nodes.
const MOST: usize = 64;
/// How long one is kept that nobody takes away, in milliseconds.
const KEPT_MS: i64 = 60_000;

/// Replies [`Reply::PlaneRequest`].
pub(super) fn ask(
    state: &State,
    (scope, question): (&PlaneScope, &str),
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    if state.plane_requests.len() >= MOST {
        return Err(Refusal::Overloaded);
    }
    if question.len() > PlaneRequest::LONGEST_QUESTION {
        return Err(Refusal::Exceeds(format!(
            "It is too long to be passed on to another node: {} bytes of at most {}.",
            question.len(),
            PlaneRequest::LONGEST_QUESTION
        )));
    }
    let created = state.last.next(context.now);
    let request = PlaneRequest { created, scope: scope.to_string().into(), question: question.into(), answer: None };
    let mut decision = Decision::new(Reply::PlaneRequest(created));
    decision.put(Record::PlaneRequest(request));
    Ok(decision)
}

/// It is answered once; nobody may be waiting any more.
pub(super) fn answer(state: &State, (created, answer): (Stamp, &str)) -> Result<Decision, Refusal> {
    if answer.len() > PlaneRequest::LONGEST_ANSWER {
        return Err(Refusal::Exceeds(format!(
            "The answer is too long to be passed on to another node: {} bytes of at most {}.",
            answer.len(),
            PlaneRequest::LONGEST_ANSWER
        )));
    }
    let mut decision = Decision::new(Reply::Done);
    if let Some(known) = state.plane_request(created).filter(|known| known.answer.is_none()) {
        decision.put(Record::PlaneRequest(PlaneRequest { answer: Some(answer.into()), ..known.clone() }));
    }
    Ok(decision)
}

pub(super) fn forget(state: &State, created: Stamp) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    if let Some(known) = state.plane_request(created) {
        decision.remove(Record::PlaneRequest(known.clone()));
    }
    decision
}

/// Removes those that whoever asked has left behind.
pub(super) fn keep_house(state: &State, context: &Context<'_>) -> impl Iterator<Item = Stamp> {
    let now = context.now;
    let all = state.plane_requests.keys().copied();
    all.filter(move |created| created.millis().saturating_add(KEPT_MS) <= now)
}
