use http::Method;
use linkspan_engine::command::import::{Import, ImportOutcome};
use linkspan_engine::{Access, Command, Refusal, Reply};
use linkspan_wire::own::{self, ImportAnswer, ImportQuery, ImportRequest, ImportVerdict, ImportedThing};
use linkspan_wire::{Problem, ProblemKind};

use super::imported::{Thing, things};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// Takes over queues, pools and connections from elsewhere with the ids and times that they have there.
///
/// The right to change the project is enough: an import changes nothing that is there, and neither an id of another
/// project nor a time in the future can be taken.
pub(in crate::ops) const OPERATION: Operation = Operation {
    name: "Import",
    method: Method::POST,
    path: "/linkspan/v1/{project_id}/import",
    document: "linkspan",
    action: "linkspan:project:import",
    auth: Auth::Project(Access::Write),
    handler: |call| Box::pin(run(call)),
};

// A request that the wire lets through must be one that the engine takes.
const _: () = assert!(ImportRequest::MOST == Import::MOST);

async fn run(call: Call) -> Result<Answer, Fault> {
    let ImportQuery { dry_run } = ImportQuery::parse(call.query())?;
    let request: ImportRequest = own::read(&call.body)?;
    if request.len() > ImportRequest::MOST {
        let text = format!("An import holds at most {} things, got {}.", ImportRequest::MOST, request.len());
        return Err(Problem::new(ProblemKind::InvalidInput, text).into());
    }
    let things = things(request);
    let items = things.iter().filter_map(|thing| thing.item.clone().ok()).collect();
    let Reply::Imported(outcomes) = call.submit(Command::Import(Import { items, dry_run })).await? else {
        return Err(Refusal::Internal.into());
    };
    let mut outcomes = outcomes.into_iter();
    let outcome = |thing: Thing| match thing.item {
        Ok(_) => told(thing.told, outcomes.next()),
        Err(why) => ImportedThing { outcome: ImportVerdict::Refused, reason: why, ..thing.told },
    };
    let answer = ImportAnswer { dry_run, outcomes: things.into_iter().map(outcome).collect() };
    Ok(super::revised(Answer::json(200, own::write(&answer)), &call.view()))
}

fn told(thing: ImportedThing, outcome: Option<ImportOutcome>) -> ImportedThing {
    match outcome {
        Some(ImportOutcome::Created) => ImportedThing { outcome: ImportVerdict::Created, ..thing },
        Some(ImportOutcome::Identical) => ImportedThing { outcome: ImportVerdict::Identical, ..thing },
        Some(ImportOutcome::Differs(fields)) => {
            let fields = fields.into_iter().map(str::to_owned).collect();
            ImportedThing { outcome: ImportVerdict::Differs, fields, ..thing }
        }
        Some(ImportOutcome::Refused(why)) => {
            ImportedThing { outcome: ImportVerdict::Refused, reason: why.to_string(), ..thing }
        }
        // The engine answers for every item.
        None => ImportedThing { outcome: ImportVerdict::Refused, reason: Refusal::Internal.to_string(), ..thing },
    }
}

#[cfg(test)]
#[path = "import_tests.rs"]
mod tests;
