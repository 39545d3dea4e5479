use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes of lines that may wait.
const MOST_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How long lines are gathered before they are written together: waking the writer for each would cost more than the line.
const GATHERING: Duration = Duration::from_millis(20);

/// Lines that wait to be written.
#[derive(Default)]
pub(super) struct Sink {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    dropped: u64,
    is_closed: bool,
}

impl Sink {
    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.lines.len() + line.len() > MOST_WAITING_BYTES {
            waiting.dropped += 1;
            return;
        }
        let was_empty = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.filled.notify_one();
        }
    }

    /// No more lines are taken; the writer ends once it has written what waits.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.filled.notify_one();
    }

    /// Writes lines as they come, until the sink is closed and empty.
    pub(super) fn write_to(&self, mut out: impl Write) {
        let mut lines = Vec::new();
        loop {
            let (dropped, is_closed) = self.take(&mut lines);
            // Where the log can't be written there is nowhere to say so.
            let _written = out.write_all(&lines).and_then(|()| out.flush());
            if dropped > 0 {
                let _told =
                    writeln!(out, "{dropped} log lines were dropped: they came faster than they could be written");
            }
            if is_closed {
                return;
            }
            lines.clear();
        }
    }

    /// Waits for lines, gathers for a moment, and takes them all.
    fn take(&self, lines: &mut Vec<u8>) -> (u64, bool) {
        let nothing_yet = |waiting: &mut Waiting| waiting.lines.is_empty() && !waiting.is_closed;
        let waiting = self.filled.wait_while(self.lock(), nothing_yet).unwrap_or_else(PoisonError::into_inner);
        let still_open = |waiting: &mut Waiting| !waiting.is_closed;
        let gathered = self.filled.wait_timeout_while(waiting, GATHERING, still_open);
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        // The two buffers change places, so neither is made anew.
        std::mem::swap(&mut waiting.lines, lines);
        (std::mem::take(&mut waiting.dropped), waiting.is_closed)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes into a sink: the whole line of an event at once.
impl Write for &Sink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_and_told() {
        let sink = Sink::default();
        let line = [b'x'; 1024];
        (0..MOST_WAITING_BYTES / line.len() + 3).for_each(|_| sink.push(&line));
        sink.close();
        let mut out = Vec::new();
        sink.write_to(&mut out);
        let told = String::from_utf8(out.split_off(MOST_WAITING_BYTES)).unwrap();
        assert_eq!(told, "3 log lines were dropped: they came faster than they could be written\n");
    }

    #[test]
    fn whatever_was_logged_before_the_close_is_written() {
        let sink = Arc::new(Sink::default());
        let (writing, out) = (Arc::clone(&sink), Arc::new(Mutex::new(Vec::new())));
        let written = Arc::clone(&out);
        let writer = std::thread::spawn(move || writing.write_to(&mut *written.lock().unwrap()));
        (0..1000).for_each(|n| sink.push(format!("{n}\n").as_bytes()));
        sink.close();
        writer.join().unwrap();
        assert_eq!(out.lock().unwrap().split(|byte| *byte == b'\n').count(), 1001);
    }
}
