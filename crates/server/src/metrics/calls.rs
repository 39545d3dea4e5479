use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Statuses that are counted by themselves; any other one is counted as the last.
const STATUSES: [u16; 14] = [200, 201, 204, 304, 400, 401, 403, 404, 409, 413, 431, 500, 503, 0];
/// Upper bounds of the buckets, in microseconds; what is above the last has no bucket of its own.
const BOUNDS_MICROS: [u64; 14] =
    [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 1_000_000, 5_000_000, 30_000_000];
/// What requests are counted under that lead to no operation.
const NO_OPERATION: &str = "none";

/// Requests by operation and status, and how long they took.
#[derive(Debug)]
pub(crate) struct Calls {
    operations: Vec<Operation>,
}

#[derive(Debug)]
struct Operation {
    name: &'static str,
    statuses: [AtomicU64; STATUSES.len()],
    /// Requests by how long they took; not yet summed up.
    buckets: [AtomicU64; BOUNDS_MICROS.len() + 1],
    micros: AtomicU64,
}

/// What was counted of one operation.
pub(crate) struct Counted {
    /// The operation.
    pub(crate) name: &'static str,
    /// Statuses and how often each was answered; 0 stands for any other.
    pub(crate) statuses: Vec<(u16, u64)>,
    /// Upper bounds in seconds and how many requests took that long, each in its own bucket only.
    pub(crate) buckets: Vec<(f64, u64)>,
    /// Seconds of all requests.
    pub(crate) seconds: f64,
}

impl Operation {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            statuses: std::array::from_fn(|_| AtomicU64::new(0)),
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            micros: AtomicU64::new(0),
        }
    }
}

impl Calls {
    pub(super) fn new(names: Vec<&'static str>) -> Self {
        let names = names.into_iter().chain([NO_OPERATION]);
        Self { operations: names.map(Operation::new).collect() }
    }

    pub(super) fn count(&self, operation: Option<usize>, status: u16, took: Duration) {
        let index = operation.unwrap_or(self.operations.len() - 1);
        let Some(operation) = self.operations.get(index) else { return };
        let add = |figures: &[AtomicU64], place: usize, more: u64| {
            if let Some(figure) = figures.get(place) {
                figure.fetch_add(more, Ordering::Relaxed);
            }
        };
        let status = STATUSES.iter().position(|known| *known == status).unwrap_or(STATUSES.len() - 1);
        add(&operation.statuses, status, 1);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        add(&operation.buckets, BOUNDS_MICROS.partition_point(|bound| *bound < micros), 1);
        operation.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// What was counted, of the operations that were called at all.
    pub(crate) fn counted(&self) -> impl Iterator<Item = Counted> + '_ {
        let get = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
        self.operations.iter().filter_map(move |operation| {
            let statuses = STATUSES.into_iter().zip(operation.statuses.iter().map(get));
            let statuses: Vec<_> = statuses.filter(|(_, count)| *count > 0).collect();
            let bounds = BOUNDS_MICROS.into_iter().map(seconds).chain([f64::INFINITY]);
            let buckets = bounds.zip(operation.buckets.iter().map(get)).collect();
            let called = !statuses.is_empty();
            let seconds = seconds(get(&operation.micros));
            called.then_some(Counted { name: operation.name, statuses, buckets, seconds })
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people; exact up to 285 years")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_operation_status_and_time() {
        let calls = Calls::new(vec!["List", "Show"]);
        for (operation, status, micros) in
            [(Some(0), 200, 50), (Some(0), 200, 51), (Some(0), 418, 40_000_000), (None, 404, 1), (Some(9), 200, 1)]
        {
            calls.count(operation, status, Duration::from_micros(micros));
        }
        let counted: Vec<_> = calls.counted().collect();
        let [list, none] = &counted[..] else { panic!("two operations were called") };
        assert_eq!((list.name, none.name), ("List", "none"));
        assert_eq!(list.statuses, [(200, 2), (0, 1)]);
        let filled: Vec<_> = list.buckets.iter().filter(|(_, count)| *count > 0).copied().collect();
        assert_eq!(filled, [(0.00005, 1), (0.0001, 1), (f64::INFINITY, 1)]);
        assert!((list.seconds - 40.000_101).abs() < 1e-9);
        assert_eq!(none.statuses, [(404, 1)]);
    }
}
