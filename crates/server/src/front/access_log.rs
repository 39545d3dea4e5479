use std::time::Duration;

use super::request_id::RequestId;

/// The target of the access log: one line for each request. Turn it off with the filter `linkspan::access=off`.
pub(crate) const TARGET: &str = "linkspan::access";

/// What is logged of a request. No header, no query, no body: none of them can leak a secret then.
pub(super) struct Line<'a> {
    pub(super) method: &'a str,
    pub(super) operation: &'a str,
    pub(super) status: u16,
    pub(super) took: Duration,
    /// None for an answer whose length is not known before it is sent.
    pub(super) bytes: Option<u64>,
    pub(super) request_id: RequestId,
    pub(super) user: &'a str,
    /// The caller's address as text: made once for a connection.
    pub(super) remote: &'a str,
}

impl Line<'_> {
    pub(super) fn write(&self) {
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            target: TARGET,
            method = self.method,
            operation = self.operation,
            status = self.status,
            micros,
            bytes = self.bytes,
            request_id = self.request_id.as_str(),
            user = self.user,
            remote = self.remote,
        );
    }
}
