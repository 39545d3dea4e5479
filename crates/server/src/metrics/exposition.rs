use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

use super::Metrics;
use crate::app::App;

/// The media type of the figures: OpenMetrics text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Writes all figures as they are when asked.
pub(crate) struct Exposition {
    registry: Registry,
}

impl Exposition {
    /// Figures of the front and of the engine; `held_bodies` tells how many bytes of request bodies are held.
    pub(crate) fn new(
        metrics: Arc<Metrics>,
        app: Arc<App>,
        held_bodies: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Self {
        let mut registry = Registry::with_prefix("linkspan");
        registry.register_collector(Box::new(Figures { metrics, app, held_bodies: Box::new(held_bodies) }));
        Self { registry }
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a text can't fail.
        let _written = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

struct Figures {
    metrics: Arc<Metrics>,
    app: Arc<App>,
    held_bodies: Box<dyn Fn() -> usize + Send + Sync>,
}

impl fmt::Debug for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Figures")
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.calls(&mut encoder)?;
        let mut sheet = Sheet(&mut encoder);
        self.front(&mut sheet)?;
        self.engine(&mut sheet)?;
        self.build(&mut encoder)
    }
}

impl Figures {
    fn calls(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let counted: Vec<_> = self.metrics.calls.counted().collect();
        let mut family = encoder.encode_descriptor(
            "requests",
            "Requests answered, by operation and status.",
            None,
            MetricType::Counter,
        )?;
        for operation in &counted {
            for (status, count) in &operation.statuses {
                let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
                let labels = [("operation", operation.name.to_owned()), ("status", status)];
                encode_counter(&mut family.encode_family(&labels)?, *count)?;
            }
        }
        let mut family = encoder.encode_descriptor(
            "request_duration_seconds",
            "Time from the head of a request to its answer, by operation.",
            None,
            MetricType::Histogram,
        )?;
        for operation in &counted {
            let total = operation.buckets.iter().map(|(_, count)| count).sum();
            let labels = [("operation", operation.name)];
            let mut histogram = family.encode_family(&labels)?;
            histogram.encode_histogram::<[(&str, &str); 0]>(operation.seconds, total, &operation.buckets, None)?;
        }
        Ok(())
    }

    fn front(&self, sheet: &mut Sheet<'_, '_>) -> fmt::Result {
        let metrics = &self.metrics;
        sheet.level("requests_in_flight", "Requests being carried out.", metrics.in_flight.get())?;
        sheet.level("connections", "Open connections of clients.", metrics.connections.get())?;
        sheet.count("connections_accepted", "Connections accepted.", metrics.accepted.get())?;
        sheet.count("connections_refused", "Connections refused at the limit.", metrics.refused.get())?;
        sheet.count("connections_expired", "Connections closed for taking too long.", metrics.expired.get())?;
        sheet.count("requests_abandoned", "Requests whose client went away.", metrics.abandoned.get())?;
        sheet.level("request_bodies_bytes", "Bytes of request bodies held.", signed((self.held_bodies)()))
    }

    fn engine(&self, sheet: &mut Sheet<'_, '_>) -> fmt::Result {
        let stats = self.app.engine.stats();
        sheet.count("commits", "Transactions committed.", stats.commits)?;
        sheet.count("commands_committed", "Commands whose changes were committed.", stats.committed_commands)?;
        sheet.count("commands_refused", "Commands refused by a rule.", stats.refused_commands)?;
        sheet.count("commits_in_doubt", "Commits that were in doubt.", stats.doubts)?;
        sheet.count("commits_failed", "Commits that failed.", stats.failures)?;
        sheet.count("commit_microseconds", "Time spent in commits.", stats.commit_micros)?;
        sheet.level("queued_command_bytes", "Bytes of commands that wait.", signed(stats.queued_bytes))?;
        sheet.count("head_checks", "Times the store was asked for its head.", stats.head_checks)?;
        sheet.count("catch_ups", "Times commits of other nodes were taken over.", stats.catch_ups)?;
        sheet.count("reloads", "Times the whole store was read anew.", stats.reloads)?;
        let lost = "Times the store had lost commits that it had acknowledged.";
        sheet.count("lost_histories", lost, stats.lost_histories)?;
        if let Some(age) = self.app.engine.age() {
            let help = "Time since the view was last known to be all that is stored.";
            sheet.level("view_age_milliseconds", help, signed(age.as_millis()))?;
        }
        let acts = i64::from(self.app.plane.acts());
        sheet.level("acts_for_plane", "Whether this node's reconciler acts for the plane.", acts)?;
        let view = self.app.engine.view();
        let (peers, removing) = view.peer_counts();
        sheet.level("revision", "The revision that is published.", signed(view.head().revision))?;
        sheet.level("datasource_connections", "Datasource connections kept.", signed(view.connection_count()))?;
        sheet.level("projects", "Projects.", signed(view.project_count()))?;
        sheet.level("peers", "Peers that are shown.", signed(peers))?;
        sheet.level("peers_removing", "Peers that are being removed.", signed(removing))
    }

    fn build(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut info = encoder.encode_descriptor("build", "The release that runs.", None, MetricType::Info)?;
        info.encode_info(&[("version", env!("CARGO_PKG_VERSION"))])
    }
}

/// Figures without labels.
struct Sheet<'a, 'b>(&'a mut DescriptorEncoder<'b>);

impl Sheet<'_, '_> {
    fn count(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        encode_counter(&mut self.0.encode_descriptor(name, help, None, MetricType::Counter)?, value)
    }

    fn level(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        self.0.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
    }
}

fn encode_counter(encoder: &mut MetricEncoder<'_>, value: u64) -> fmt::Result {
    encoder.encode_counter::<[(&str, &str); 0], _, u64>(&value, None)
}

fn signed(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}
