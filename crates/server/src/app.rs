use std::sync::Arc;

use linkspan_engine::{Clock, Engine};

use crate::auth::Keys;
use crate::plane_side::PlaneSide;

/// What every call can reach.
pub struct App {
    /// The engine: commands and views.
    pub engine: Engine,
    /// Secrets, passwords and tokens.
    pub auth: Keys,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What operations reach of the plane.
    pub plane: PlaneSide,
    /// How the server behaves.
    pub settings: Settings,
}

/// How the server behaves; each field is a documented setting.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region that identity answers and examples name.
    pub region: String,
    /// Whether 401 answers show the canonical request that was expected.
    pub debug_signatures: bool,
    /// What a list without `status` shows: everything (`false`), or what exists (`true`).
    pub list_active_by_default: bool,
    /// How long a delete waits for peers being created, in milliseconds.
    pub delete_wait_ms: u64,
    /// How long an unbind waits for the plane to cut the peer, in milliseconds.
    pub unbind_wait_ms: u64,
    /// How long the show of a connectivity test waits for its result, in milliseconds.
    pub test_wait_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "cn-north-4".into(),
            debug_signatures: false,
            list_active_by_default: false,
            delete_wait_ms: 30_000,
            unbind_wait_ms: 2_000,
            test_wait_ms: 10_000,
        }
    }
}
