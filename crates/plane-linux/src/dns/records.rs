//! What a network's hosts file says, without touching the file for every question.
//!
//! The file is looked at on a thread that may block, and what was found there is good for [`FRESH`], or until this process
//! writes a hosts file itself, whichever comes first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::hosts::{HostFiles, Said};
use crate::names::NamespaceName;

/// How long what a file says is good for: so late may be noticed what another process wrote.
const FRESH: Duration = Duration::from_millis(100);

/// The records of one network.
#[derive(Debug)]
pub(super) struct Records {
    name: NamespaceName,
    files: Arc<HostFiles>,
    /// Held while the file is looked at, so that it is done once for all who wait.
    last: Mutex<Option<Look>>,
}

#[derive(Debug, Clone)]
struct Look {
    said: Said,
    at: Instant,
    written: u64,
}

impl Records {
    pub(super) fn new(name: NamespaceName, files: Arc<HostFiles>) -> Self {
        Self { name, files, last: Mutex::default() }
    }

    /// Whose they are.
    pub(super) fn name(&self) -> &NamespaceName {
        &self.name
    }

    /// What they say now.
    pub(super) async fn now(&self) -> Said {
        let mut last = self.last.lock().await;
        let written = self.files.written();
        if let Some(look) = last.as_ref().filter(|look| look.is_good((Instant::now(), written))) {
            return look.said.clone();
        }
        let (name, files, at) = (self.name.clone(), Arc::clone(&self.files), Instant::now());
        // A look that was cut short by the end of the runtime is answered by nobody.
        let said = spawn_blocking(move || files.said(&name)).await.unwrap_or(Said::Damaged);
        last.insert(Look { said, at, written }).said.clone()
    }
}

impl Look {
    fn is_good(&self, (now, written): (Instant, u64)) -> bool {
        self.written == written && now.saturating_duration_since(self.at) < FRESH
    }
}

#[cfg(test)]
mod tests {
    use linkspan_plane::HostTable;
    use linkspan_plane::conformance::samples;

    use super::*;
    use crate::writes::Writes;

    #[test]
    fn what_was_found_is_good_for_a_while_or_until_something_is_written() {
        let at = Instant::now();
        let look = Look { said: Said::Nothing, at, written: 7 };
        assert!(look.is_good((at, 7)) && look.is_good((at + FRESH / 2, 7)));
        assert!(!look.is_good((at + FRESH, 7)) && !look.is_good((at, 8)));
    }

    #[tokio::test]
    async fn what_this_process_writes_is_said_by_the_next_question_and_what_others_do_soon() {
        let directory = tempfile::tempdir().unwrap();
        let name = NamespaceName::of_source(&samples::queue("q"));
        let files = Arc::new(HostFiles::new(directory.path().to_owned()));
        let (records, writes) = (Records::new(name.clone(), Arc::clone(&files)), Writes::default());
        assert!(matches!(records.now().await, Said::Nothing));
        for address in ["10.0.0.1", "10.0.0.2"] {
            let table = HostTable::new(vec![samples::host_part(1, &[("kafka", address)])]);
            files.write(&name, &table, &writes).unwrap();
            let Said::Records(zone) = records.now().await else { panic!() };
            assert_eq!(zone.resolve("kafka").unwrap().address.to_string(), address);
        }
        std::fs::write(files.path(&name), "damaged").unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while !matches!(records.now().await, Said::Damaged) {
            assert!(Instant::now() < until, "not noticed");
        }
        files.remove(&name, &writes).unwrap();
        assert!(matches!(records.now().await, Said::Nothing));
    }
}
