use linkspan_model::{ConnectivityTest, QueueName, TestResult};

use super::{Case, Context, Decision};
use crate::command::{NewTest, Reply, TestFinding};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::state::State;

/// `dli_02_0284`: where a project has as many tests as it may have, the oldest that has come to an end makes room.
pub(super) fn create(case: &Case<'_>, new: &NewTest) -> Result<Decision, Refusal> {
    let unknown = || Refusal::UnknownQueue(new.queue.clone());
    let queue: QueueName = new.queue.parse().map_err(|_| unknown())?;
    let held = case.state.held(case.project());
    if !queue.is_default() && !held.is_some_and(|held| held.queues.contains_key(&queue)) {
        return Err(unknown());
    }
    let test = ConnectivityTest {
        project: case.project().clone(),
        created: case.stamp(),
        queue,
        target: new.target.clone(),
        result: None,
    };
    let mut decision = Decision::new(Reply::Test(test.created));
    let most = case.context.rules.tests_per_project;
    if held.is_some_and(|held| held.tests.len() >= most) {
        let own = held.into_iter().flat_map(|held| held.tests.iter());
        let mut ended = own.filter_map(|test| case.state.tests.get(*test)).filter(|test| test.result.is_some());
        let oldest = ended.next().ok_or_else(|| {
            Refusal::Exceeds(format!(
                "{most} connectivity tests of the project are still being made: wait for one to end."
            ))
        })?;
        decision.remove(Record::ConnectivityTest(oldest.clone()));
    }
    let detail = test.target.to_string();
    let on = test.queue.clone();
    decision.put(Record::ConnectivityTest(test));
    Ok(decision.audited(case.scope, "checkConnection", (on, detail)))
}

/// What came out of a test; it is told once.
pub(super) fn found(state: &State, finding: &TestFinding, context: &Context<'_>) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    if let Some(test) = state.tests.get(finding.test).filter(|test| test.result.is_none()) {
        decision.put(ended(test, finding.reachable, &finding.reason, context));
    }
    decision
}

/// Ends tests that nobody made in time, and removes those past theirs: at most `most` each.
pub(super) fn keep_house(state: &State, context: &Context<'_>, most: usize) -> Decision {
    let mut decision = Decision::new(Reply::Done);
    let rules = context.rules;
    let is_past = |test: &ConnectivityTest, after| test.created.millis().saturating_add(after) <= context.now;
    let old = state.tests.all().take_while(|test| is_past(test, rules.keep_tests_ms)).take(most);
    old.for_each(|test| decision.remove(Record::ConnectivityTest(test.clone())));
    let late = state.tests.pending().take_while(|test| is_past(test, rules.test_deadline_ms));
    for test in late.filter(|test| !is_past(test, rules.keep_tests_ms)).take(most) {
        let seconds = rules.test_deadline_ms / 1000;
        let why = format!("It could not be tried within {seconds} seconds: nothing acts for the plane.");
        decision.put(ended(test, false, &why, context));
    }
    decision
}

fn ended(test: &ConnectivityTest, reachable: bool, reason: &str, context: &Context<'_>) -> Record {
    let result = Some(TestResult::new(reachable, reason, context.now));
    Record::ConnectivityTest(ConnectivityTest { result, ..test.clone() })
}
