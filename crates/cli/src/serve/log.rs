//! The log: lines on standard error, written by a thread of their own.
//!
//! Invariants: who logs never waits for the reader of the log; beyond what fits in the queue lines are dropped, and
//! how many is said as soon as there is room again.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::config::LogFormat;
use crate::failure::Failure;

/// Lines that wait to be written.
const MOST_LINES: usize = 16_384;
/// Bytes that are gathered for one write.
const BATCH_BYTES: usize = 64 * 1024;
/// How long the end of the process waits for the last lines.
const LAST_WITHIN: Duration = Duration::from_secs(1);

/// Begins to log. What waits is written when the answer is dropped.
pub(crate) fn start(filter: &str, format: LogFormat, plain: bool) -> Result<Log, Failure> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::usage(format!("the filter of the log `{filter}`: {error}")))?;
    let log = Log::onto(io::stderr()).map_err(|error| Failure::failed(format!("no log can be written: {error}")))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone());
    let begun = match format {
        LogFormat::Text => builder.with_ansi(!plain && io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| Failure::failed(format!("no log can be written: {error}")))?;
    Ok(log)
}

/// Where lines are left.
#[derive(Clone)]
pub(crate) struct Log {
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// Answered once everything before it is written.
    Written(SyncSender<()>),
}

impl Log {
    fn onto(to: impl Write + Send + 'static) -> io::Result<Self> {
        let (lines, waiting) = sync_channel(MOST_LINES);
        let lost = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&lost);
        std::thread::Builder::new().name("linkspan-log".into()).spawn(move || write_all(&waiting, to, &counted))?;
        Ok(Self { lines, lost })
    }

    /// Waits until what was logged before is written, but not for ever.
    pub(crate) fn finish(&self) {
        let (written, when) = sync_channel(1);
        if self.lines.try_send(Message::Written(written)).is_ok() {
            // Whether it was written in time or not, there is nothing left to do about it.
            let _ = when.recv_timeout(LAST_WITHIN);
        }
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Writes until nobody can log any more. A log that can't be written has nobody to be told about it.
fn write_all(waiting: &Receiver<Message>, mut to: impl Write, lost: &AtomicU64) {
    let mut batch = Vec::with_capacity(BATCH_BYTES);
    while let Ok(first) = waiting.recv() {
        let mut next = Some(first);
        let mut written = None;
        while let Some(message) = next.take() {
            match message {
                Message::Line(line) => batch.extend_from_slice(&line),
                Message::Written(answer) => written = Some(answer),
            }
            if batch.len() < BATCH_BYTES && written.is_none() {
                next = match waiting.try_recv() {
                    Ok(message) => Some(message),
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
                };
            }
        }
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 {
            batch.extend_from_slice(
                format!("{missing} lines of the log were lost: it was not read fast enough\n").as_bytes(),
            );
        }
        let _ = to.write_all(&batch);
        let _ = to.flush();
        batch.clear();
        if let Some(answer) = written {
            let _ = answer.send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use super::*;

    /// A reader that reads only when it is told to.
    #[derive(Clone, Default)]
    struct Reader(Arc<(Mutex<(bool, Vec<u8>)>, Condvar)>);

    impl Reader {
        fn open(&self) {
            self.0.0.lock().unwrap().0 = true;
            self.0.1.notify_all();
        }

        fn text(&self) -> String {
            String::from_utf8(self.0.0.lock().unwrap().1.clone()).unwrap()
        }
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut held = self.0.1.wait_while(self.0.0.lock().unwrap(), |(open, _)| !*open).unwrap();
            held.1.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_was_logged_is_written_at_the_end() {
        let reader = Reader::default();
        reader.open();
        let mut log = Log::onto(reader.clone()).unwrap();
        for number in 0..1000 {
            log.write_all(format!("{number}\n").as_bytes()).unwrap();
        }
        log.finish();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(reader.text(), expected);
    }

    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let reader = Reader::default();
        let mut log = Log::onto(reader.clone()).unwrap();
        let line = vec![b'x'; 100];
        for _ in 0..2 * MOST_LINES {
            log.write_all(&line).unwrap();
        }
        assert!(log.lost.load(Ordering::Relaxed) > 0);
        reader.open();
        // The queue empties now, so one of the next attempts finds room.
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        while !reader.text().contains("lines of the log were lost") && std::time::Instant::now() < deadline {
            log.finish();
        }
        assert!(reader.text().contains("lines of the log were lost"));
    }
}
