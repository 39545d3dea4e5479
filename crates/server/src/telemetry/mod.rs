//! The log: lines for people or for programs, written by a thread of their own.
//!
//! Invariants: whoever logs never waits for the disk or the terminal; what waits to be written is bounded, and lines
//! that find no room are counted and told of; one event is one line, whatever its values hold.
//!
//! It must not know what is logged: secrets are kept out where events are made.
//!
//! To add a format: a variant of [`LogFormat`] and its writer in `line.rs`.

mod line;
mod sink;

use std::io;
use std::sync::Arc;

use linkspan_engine::SystemClock;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{EnvFilter, Registry, fmt};

use line::Lines;
use sink::Sink;

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// `time level target message name=value …`.
    #[default]
    Text,
    /// One JSON object a line: `time`, `level`, `target`, `message`, and the event's own fields.
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter can't be read.
    #[error("the log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The thread that writes can't be started.
    #[error("the log can't be written: {0}")]
    Thread(#[from] io::Error),
    /// The process has a log already.
    #[error(transparent)]
    Twice(#[from] TryInitError),
}

/// The running log. Dropping it writes what waits; hold it to the end of the process.
pub struct Log {
    sink: Arc<Sink>,
    writer: Option<std::thread::JoinHandle<()>>,
}

/// Starts the log of the process on standard error; `filter` is in the form of `info,linkspan::access=off`.
///
/// # Errors
/// The filter can't be read, or the process has a log already.
pub fn init(format: LogFormat, filter: &str) -> Result<Log, TelemetryError> {
    let log = Log::to(io::stderr())?;
    let lines = Lines::new(format, Arc::new(SystemClock));
    let layer = fmt::layer().event_format(lines).with_writer(Arc::clone(&log.sink));
    Registry::default().with(EnvFilter::try_new(filter)?).with(layer).try_init()?;
    Ok(log)
}

impl Log {
    fn to(out: impl io::Write + Send + 'static) -> Result<Self, io::Error> {
        let sink = Arc::new(Sink::default());
        let source = Arc::clone(&sink);
        let writer = std::thread::Builder::new().name("linkspan-log".into()).spawn(move || source.write_to(out))?;
        Ok(Self { sink, writer: Some(writer) })
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.sink.close();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing more to write.
            let _ended = writer.join();
        }
    }
}

#[cfg(test)]
mod tests;
