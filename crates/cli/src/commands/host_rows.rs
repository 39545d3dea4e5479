//! How a host record is shown.

use linkspan_client::HostInfo;
use serde::Serialize;

use crate::output::{Cell, Row};

/// A host record as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct HostRow(pub(crate) HostInfo);

impl Row for HostRow {
    const PLURAL: &'static str = "host records";
    const COLUMNS: &'static [(&'static str, bool)] = &[("NAME", false), ("ADDRESS", false)];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.0.name.as_str().into(), self.0.ip.as_str().into()]
    }
}
