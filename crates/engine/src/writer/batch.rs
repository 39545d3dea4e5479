use std::collections::HashMap;

use linkspan_model::UnixMillis;
use serde::Serialize;

use super::{Origin, PeerHint};
use crate::command::Request;
use crate::decide::{AuditNote, Change, Decision};
use crate::record::RecordKey;
use crate::scope::{Principal, Via};
use crate::state::State;
use crate::store::{AuditRow, Batch, CommitId, Loc, RecordChange};
use crate::writer::hints::hints_of;

/// A batch in the making: a copy of the state that each decision is applied to, and what will be written.
pub(crate) struct Draft {
    pub state: State,
    revision: u64,
    changes: Vec<RecordChange>,
    places: HashMap<RecordKey, usize>,
    audit: Vec<AuditRow>,
    hints: Vec<PeerHint>,
}

impl Draft {
    pub(crate) fn new(state: State) -> Self {
        let revision = state.head().revision + 1;
        Self { state, revision, changes: Vec::new(), places: HashMap::new(), audit: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.audit.is_empty()
    }

    /// Takes over a decision. A record that changes twice in a batch is written once, as it is in the end.
    pub(crate) fn take(&mut self, decision: &Decision) {
        for change in &decision.changes {
            let record = change.record();
            let body = match change {
                Change::Put(record) => Some(record.to_body()),
                Change::Remove(_) => None,
            };
            let key = record.key();
            let place = match self.places.get(&key) {
                Some(place) => *place,
                None => {
                    let place = self.changes.len();
                    let replaces = self.state.locate(record);
                    self.changes.push(RecordChange { key: key.clone(), replaces, body: None });
                    self.places.insert(key, place);
                    place
                }
            };
            if let Some(written) = self.changes.get_mut(place) {
                written.body = body;
            }
            let n = u32::try_from(place).unwrap_or(u32::MAX);
            // A removed peer's connection is known only before, an added one's only after.
            self.hints.extend(hints_of(&self.state, change));
            self.state.apply(change, Loc { revision: self.revision, n });
            self.hints.extend(hints_of(&self.state, change));
        }
    }

    pub(crate) fn note(&mut self, note: &AuditNote, who: (&Request, &Origin), now: UnixMillis) {
        self.audit.push(audit_row(note, who, now));
    }

    /// What is to be written, the state it leads to, and what a reconciler should look at.
    pub(crate) fn finish(mut self, commit_id: CommitId) -> (Batch, State, Vec<PeerHint>) {
        self.state.settle(self.revision);
        let create_time = self.state.last_create_time();
        let batch = Batch { commit_id, create_time, changes: self.changes, audit: self.audit };
        (batch, self.state, self.hints)
    }
}

/// An audit event as JSON, cut so that it stays below 4 KiB.
fn audit_row(note: &AuditNote, (request, origin): (&Request, &Origin), now: UnixMillis) -> AuditRow {
    #[derive(Serialize)]
    struct Event<'a> {
        time: UnixMillis,
        action: &'a str,
        resource: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        detail: &'a str,
        request_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_id: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        user_name: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        access_key: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        remote: Option<String>,
    }
    let principal: Option<&Principal> = match request {
        Request::Project(scope, _) => Some(scope.principal()),
        Request::Admin(scope, _) => Some(scope.principal()),
        Request::System(_) => None,
    };
    let event = Event {
        time: now,
        action: note.action,
        resource: &note.resource,
        detail: cut(&note.detail, 1024),
        request_id: cut(&origin.request_id, 64),
        user_id: principal.map(|it| it.user().as_str()),
        user_name: principal.map(Principal::user_name),
        access_key: principal.and_then(|it| match it.via() {
            Via::Key(id) => Some(id.as_str()),
            Via::Token { .. } => None,
        }),
        remote: origin.remote.map(|address| address.to_string()),
    };
    AuditRow { time: now, project: note.project.clone(), event: serde_json::to_vec(&event).unwrap_or_default() }
}

fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or_default()
}
