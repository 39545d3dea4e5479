//! What became of everything, as it is printed.

use linkspan_wire::own::{ImportKind, ImportVerdict, ImportedThing};
use serde::Serialize;

use crate::failure::{Exit, Failure};
use crate::output::{Cell, Row, Tone};

/// What became of one thing.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct ThingRow(pub(super) ImportedThing);

fn verdict(outcome: ImportVerdict) -> (&'static str, Tone) {
    match outcome {
        ImportVerdict::Created => ("created", Tone::Good),
        ImportVerdict::Identical => ("identical", Tone::Plain),
        ImportVerdict::Differs => ("differs", Tone::Pending),
        ImportVerdict::Refused => ("refused", Tone::Bad),
    }
}

impl Row for ThingRow {
    const PLURAL: &'static str = "things to import";
    const COLUMNS: &'static [(&'static str, bool)] =
        &[("KIND", false), ("NAME", false), ("OUTCOME", false), ("WHY", false), ("ID", true)];

    fn name(&self) -> String {
        self.0.id.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        let ImportedThing { kind, id, name, outcome, fields, reason } = &self.0;
        let kind = match kind {
            ImportKind::ElasticResourcePool => "pool",
            ImportKind::Queue => "queue",
            ImportKind::Connection => "connection",
        };
        let (word, tone) = verdict(*outcome);
        let why = if fields.is_empty() { reason.clone() } else { format!("in {}", fields.join(", ")) };
        vec![kind.into(), Cell::or_dash(name), Cell::toned(word, tone), Cell::or_dash(&why), Cell::or_dash(id)]
    }
}

/// How many things came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Summary {
    created: usize,
    identical: usize,
    differ: usize,
    refused: usize,
}

impl Summary {
    pub(super) fn of(rows: &[ThingRow]) -> Self {
        let mut summary = Self::default();
        for ThingRow(thing) in rows {
            *match thing.outcome {
                ImportVerdict::Created => &mut summary.created,
                ImportVerdict::Identical => &mut summary.identical,
                ImportVerdict::Differs => &mut summary.differ,
                ImportVerdict::Refused => &mut summary.refused,
            } += 1;
        }
        summary
    }

    pub(super) fn text(self, dry_run: bool) -> String {
        let Self { created, identical, differ, refused } = self;
        let made = if dry_run { "would be created" } else { "created" };
        format!("{created} {made}, {identical} here already, {differ} here with other content, {refused} refused")
    }

    /// A failure if something was not taken over.
    pub(super) fn verdict(self) -> Result<(), Failure> {
        let left = self.differ + self.refused;
        if left == 0 {
            return Ok(());
        }
        let text = format!("{left} of the source's things are not here as they are there; the list says why");
        Err(Failure::new(Exit::Conflict, text))
    }
}
