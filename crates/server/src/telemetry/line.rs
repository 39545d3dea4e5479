use std::cell::Cell;
use std::fmt::{self, Write};
use std::sync::Arc;

use jiff::Timestamp;
use linkspan_engine::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::LogFormat;

/// Writes events as lines. The access log writes one for each request, so this is made to be cheap.
pub(super) struct Lines {
    format: LogFormat,
    clock: Arc<dyn Clock>,
}

/// The field that holds an event's text.
const MESSAGE: &str = "message";

impl Lines {
    pub(super) fn new(format: LogFormat, clock: Arc<dyn Clock>) -> Self {
        Self { format, clock }
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let (now, level, target) = (self.clock.now(), event.metadata().level(), event.metadata().target());
        match self.format {
            LogFormat::Text => {
                write_time(&mut out, now)?;
                for part in [" ", level.as_str(), " ", target] {
                    out.write_str(part)?;
                }
                event.record(&mut TextFields(&mut out));
            }
            LogFormat::Json => {
                out.write_str("{\"time\":\"")?;
                write_time(&mut out, now)?;
                write!(out, "\",\"level\":\"{level}\",\"target\":\"{target}\"")?;
                event.record(&mut JsonFields(&mut out));
                out.write_char('}')?;
            }
        }
        out.write_char('\n')
    }
}

/// RFC 3339 in UTC to the millisecond; the part down to the second is kept from line to line.
fn write_time(out: &mut impl Write, now_millis: i64) -> fmt::Result {
    const FORM: &str = "%Y-%m-%dT%H:%M:%S";
    const LENGTH: usize = 19;
    thread_local! {
        static LAST: Cell<(i64, [u8; LENGTH])> = const { Cell::new((i64::MIN, [b'0'; LENGTH])) };
    }
    let (second, millis) = (now_millis.div_euclid(1000), now_millis.rem_euclid(1000));
    let (known, mut text) = LAST.get();
    if known != second {
        let time = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH).strftime(FORM).to_string();
        text = time.as_bytes().try_into().unwrap_or(text);
        LAST.set((second, text));
    }
    let mut end = *b".000Z";
    let mut left = millis;
    for digit in end.iter_mut().skip(1).take(3).rev() {
        *digit += u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
    }
    out.write_str(str::from_utf8(&text).unwrap_or_default())?;
    out.write_str(str::from_utf8(&end).unwrap_or_default())
}

/// `message name=value …`; what would break the line or pass for another field is quoted.
struct TextFields<'a, 'b>(&'a mut Writer<'b>);

impl TextFields<'_, '_> {
    fn name(&mut self, field: &Field) -> fmt::Result {
        self.0.write_char(' ')?;
        if field.name() == MESSAGE {
            return Ok(());
        }
        // One after the other: the formatter would take several times as long, and the access log has eight of them.
        self.0.write_str(field.name())?;
        self.0.write_char('=')
    }

    fn text(&mut self, field: &Field, text: &str) -> fmt::Result {
        self.name(field)?;
        let is_plain = match field.name() {
            MESSAGE => !text.chars().any(char::is_control),
            _ => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'=')),
        };
        if is_plain { self.0.write_str(text) } else { write!(self.0, "{text:?}") }
    }
}

// A visitor can't report a fault, and writing into a text has none.
impl Visit for TextFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let _written = self.text(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let _written = self.name(field).and_then(|()| write!(self.0, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let _written = self.name(field).and_then(|()| write!(self.0, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        let _written = self.name(field).and_then(|()| write!(self.0, "{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _written = self.text(field, &format!("{value:?}"));
    }
}

/// `,"name":value …`.
struct JsonFields<'a, 'b>(&'a mut Writer<'b>);

impl JsonFields<'_, '_> {
    fn value(&mut self, field: &Field, value: impl serde::Serialize) {
        // Names of fields are identifiers with dots: nothing to escape. Texts and numbers can't fail to serialise.
        let value = serde_json::to_string(&value).unwrap_or_default();
        let _written = write!(self.0, ",\"{}\":{value}", field.name());
    }
}

impl Visit for JsonFields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.value(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let _written = write!(self.0, ",\"{}\":{value}", field.name());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let _written = write!(self.0, ",\"{}\":{value}", field.name());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.value(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.value(field, format!("{value:?}"));
    }
}
