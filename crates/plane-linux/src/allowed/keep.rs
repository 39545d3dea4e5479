//! Keeping to what is allowed, whether a server asks for anything or not.
//!
//! The file is looked at on a timer and not watched by inotify: it may be on a file system that tells nothing, be reached
//! over links, or not be there yet, and an editor that empties it before it writes it would be heard in between. What two
//! looks in a row agree on is meant.

use std::sync::Arc;
use std::time::Duration;

use linkspan_plane::PlaneError;
use tokio::time::{MissedTickBehavior, interval};

use super::Allowed;
use crate::error::Outcome;
use crate::host::Host;
use crate::plane::LinuxPlane;
use crate::work::Ticket;

/// How often the file is looked at: what is taken out of it is cut after two looks.
const EVERY: Duration = Duration::from_secs(1);

/// What one look leaves to the next.
#[derive(Debug, Clone, Default)]
struct Look {
    /// What the file allowed then.
    seen: Option<Arc<Allowed>>,
    /// What everything was last brought in line with.
    kept: Option<Arc<Allowed>>,
}

impl LinuxPlane {
    /// Cuts whatever leads where `netd.toml` does not allow it to, at once and then whenever something was taken out of the
    /// file, within two seconds. Never ends; stop it by dropping it.
    pub async fn keep_to_allowances(&self) {
        let (mut look, mut failed) = (Look::default(), None);
        let mut looks = interval(EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let before = look.clone();
            let done: Result<Look, PlaneError> = self.run(move |host, ticket| before.next(host, ticket)).await;
            match done {
                Ok(next) => (look, failed) = (next, None),
                // Tried again with the next look, and said once.
                Err(error) => {
                    if failed.as_ref() != Some(&error) {
                        tracing::error!(%error, "what is no longer allowed may not be cut");
                    }
                    failed = Some(error);
                }
            }
        }
    }
}

impl Look {
    fn next(self, host: &Host, ticket: &Ticket) -> Outcome<Self> {
        let now = host.config.allowed();
        let due = self.is_due(&now);
        if due {
            host.keep_to(&now, ticket)?;
        }
        Ok(self.after((now, due)))
    }

    /// Whether something is to be done about what the file allows now. What it allowed for a moment counts, though it is
    /// as before: a peer may have been made in that moment.
    fn is_due(&self, now: &Arc<Allowed>) -> bool {
        let same = |then: &Option<Arc<Allowed>>| then.as_ref().is_some_and(|then| Arc::ptr_eq(then, now));
        self.kept.is_none() || (same(&self.seen) && !same(&self.kept))
    }

    fn after(self, (now, kept): (Arc<Allowed>, bool)) -> Self {
        let kept = if kept { Some(now.clone()) } else { self.kept };
        Self { seen: Some(now), kept }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allowed::Config;

    const ENTRY: &str = "[[allow]]\nname = \"lan\"\nproject = \"*\"\nkind = \"bridge\"\nbridge = \"br0\"\n\
                         address = \"10.0.0.1/24\"\ncidrs = [\"10.0.0.0/24\"]\n";

    #[test]
    fn what_two_looks_agree_on_is_kept_to_and_an_editor_at_work_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netd.toml");
        let config = Config::new(path.clone());
        let mut look = Look::default();
        let comment = format!("# why\n{ENTRY}");
        let looks: [(Option<&str>, bool); 15] = [
            (Some(ENTRY), true), // the first
            (Some(ENTRY), false),
            (Some(&comment), false),
            (Some(&comment), false),
            (Some("[[allow]]\nname = 7"), false), // a slip of the pen
            (Some("[[allow]]\nname = 7"), false),
            (Some(""), false), // emptied, before it is written
            (Some(ENTRY), false),
            (Some(ENTRY), true), // somebody may have relied on what it said in between
            (Some(""), false),
            (Some(""), true),     // meant
            (Some(ENTRY), false), // allowed for a moment
            (None, false),
            (Some(""), true),
            (None, false),
        ];
        for (number, (text, due)) in looks.into_iter().enumerate() {
            match text {
                Some(text) => std::fs::write(&path, text).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
            let now = config.allowed();
            assert_eq!(look.is_due(&now), due, "look {number}");
            look = look.after((now, due));
        }
    }
}
