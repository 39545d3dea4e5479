//! Every limit of the front, in one place.

use std::time::Duration;

/// Connections at a time on a listener; one more is answered 503 and closed.
pub const CONNECTIONS: usize = 1024;
/// Connections at a time on the listener for metrics.
pub const METRICS_CONNECTIONS: usize = 32;
/// Refusals that wait for their client to hang up, at a time; beyond that a connection is closed at once.
pub const REFUSALS: usize = 64;
/// Headers of a request. It is also what hyper keeps room for on its stack; a test holds the two together.
pub const HEADERS: usize = 100;
/// Bytes of a request's head: its first line and its headers.
pub const HEADER_BYTES: usize = 64 * 1024;
/// How long the head of a request may take, from its first byte.
pub const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a TLS handshake may take.
pub const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a body may take.
pub const BODY_TIME: Duration = Duration::from_secs(30);
/// How long a connection may do nothing. Above Go's usual 90 s, so that the client hangs up first.
pub const IDLE_TIME: Duration = Duration::from_secs(180);
/// Bytes of a body, counted as they are read.
pub const BODY_BYTES: usize = 12 * 1024 * 1024;
/// Bytes of a body where no credential is asked for.
pub const NOBODY_BODY_BYTES: usize = 64 * 1024;
/// Bytes of all bodies that are held at a time.
pub const BODIES_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of a refused request's body that are read and thrown away, so that the client gets to read its answer.
pub const DISCARDED_BYTES: usize = 16 * 1024 * 1024;
/// How long such a body is read.
pub const DISCARD_TIME: Duration = Duration::from_secs(5);
/// An answer must be taken at this many bytes …
pub const ANSWER_PACE_BYTES: u64 = 64 * 1024;
/// … in this time.
pub const ANSWER_PACE_TIME: Duration = Duration::from_secs(10);
/// An answer over this size is a large one.
pub const LARGE_ANSWER_BYTES: u64 = 16 * 1024 * 1024;
/// Large answers at a time.
pub const LARGE_ANSWERS: usize = 8;
/// How long requests in flight are waited for when the server stops.
pub const STOP_TIME: Duration = Duration::from_secs(40);

/// The limits that a server keeps; the defaults are the constants of this module. Tests shorten them.
#[derive(Debug, Clone)]
pub struct Limits {
    /// [`CONNECTIONS`].
    pub connections: usize,
    /// [`HEADER_BYTES`].
    pub header_bytes: usize,
    /// [`HEADER_TIME`].
    pub header_time: Duration,
    /// [`HANDSHAKE_TIME`].
    pub handshake_time: Duration,
    /// [`BODY_TIME`].
    pub body_time: Duration,
    /// [`IDLE_TIME`].
    pub idle_time: Duration,
    /// [`BODY_BYTES`].
    pub body_bytes: usize,
    /// [`BODIES_BYTES`].
    pub bodies_bytes: usize,
    /// [`ANSWER_PACE_BYTES`].
    pub answer_pace_bytes: u64,
    /// [`ANSWER_PACE_TIME`].
    pub answer_pace_time: Duration,
    /// [`LARGE_ANSWER_BYTES`].
    pub large_answer_bytes: u64,
    /// [`LARGE_ANSWERS`].
    pub large_answers: usize,
    /// [`STOP_TIME`].
    pub stop_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            header_bytes: HEADER_BYTES,
            header_time: HEADER_TIME,
            handshake_time: HANDSHAKE_TIME,
            body_time: BODY_TIME,
            idle_time: IDLE_TIME,
            body_bytes: BODY_BYTES,
            bodies_bytes: BODIES_BYTES,
            answer_pace_bytes: ANSWER_PACE_BYTES,
            answer_pace_time: ANSWER_PACE_TIME,
            large_answer_bytes: LARGE_ANSWER_BYTES,
            large_answers: LARGE_ANSWERS,
            stop_time: STOP_TIME,
        }
    }
}
