use std::sync::Mutex;

use linkspan_engine::Clock;
use linkspan_model::UnixMillis;
use tracing_subscriber::fmt;

use super::*;

struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> UnixMillis {
        1_800_000_000_007
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is written of some events.
fn written(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
    let out = Written::default();
    let running = Log::to(out.clone()).unwrap();
    let lines = Lines::new(format, Arc::new(StillClock));
    let layer = fmt::layer().event_format(lines).with_writer(Arc::clone(&running.sink));
    let subscriber = Registry::default().with(EnvFilter::try_new(filter).unwrap()).with(layer);
    tracing::subscriber::with_default(subscriber, log);
    drop(running);
    let bytes = out.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn events() {
    let error = io::Error::other("no\nroom");
    tracing::info!(target: "t", count = 3_u64, below = -1, on = true, name = "a b", user = "", "it is \"so\"");
    tracing::warn!(target: "t", %error, forged = "x\n2027 ERROR", bytes = None::<u64>, "two\nlines");
    tracing::debug!(target: "t", "not wanted");
    tracing::info!(target: "quiet", "not wanted either");
}

#[test]
fn text_is_one_line_an_event() {
    let text = written(LogFormat::Text, "info,quiet=off", events);
    let expected = "2027-01-15T08:00:00.007Z INFO t it is \"so\" count=3 below=-1 on=true name=\"a b\" user=\"\"\n\
                    2027-01-15T08:00:00.007Z WARN t \"two\\nlines\" error=\"no\\nroom\" forged=\"x\\n2027 ERROR\"\n";
    assert_eq!(text, expected);
}

#[test]
fn json_is_one_object_an_event() {
    let text = written(LogFormat::Json, "info,quiet=off", events);
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let first = serde_json::json!({
        "time": "2027-01-15T08:00:00.007Z", "level": "INFO", "target": "t", "message": "it is \"so\"",
        "count": 3, "below": -1, "on": true, "name": "a b", "user": ""
    });
    let second = serde_json::json!({
        "time": "2027-01-15T08:00:00.007Z", "level": "WARN", "target": "t", "message": "two\nlines",
        "error": "no\nroom", "forged": "x\n2027 ERROR"
    });
    assert_eq!(lines, [first, second]);
}
