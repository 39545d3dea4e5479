//! What was acknowledged, and what must be there because of it.

use std::collections::BTreeMap;

use linkspan_client::ConnectionInfo;

/// Host records that every connection is created with.
pub(crate) const HOSTS: [(&str, &str); 2] = [("node-1", "10.9.0.1"), ("node-2", "10.9.0.2")];

/// What is known of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) deleted: bool,
    pub(crate) bound: bool,
}

/// What is known of the connections by name. A call that was not answered leaves two possible outcomes.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    certain: BTreeMap<String, Known>,
    open: BTreeMap<String, Option<Known>>,
    answers: usize,
}

impl Ledger {
    /// A call is sent that leads to `then`.
    pub(crate) fn sent(&mut self, name: &str, then: Known) {
        self.open.insert(name.to_owned(), Some(then));
    }

    /// The call was answered well.
    pub(crate) fn answered(&mut self, name: &str) {
        self.answers += 1;
        if let Some(Some(then)) = self.open.remove(name) {
            self.certain.insert(name.to_owned(), then);
        }
    }

    pub(crate) fn answers(&self) -> usize {
        self.answers
    }

    /// Compares with what is there, and goes on from that.
    pub(crate) fn check(&mut self, there: &[ConnectionInfo]) {
        let mut found = BTreeMap::new();
        for info in there {
            assert!(found.insert(info.name.clone(), seen(info)).is_none(), "{} is there twice", info.name);
        }
        for (name, known) in &self.certain {
            let now = found.get(name);
            let may_be = self.open.get(name).copied().flatten();
            assert!(
                now == Some(known) || (may_be.is_some() && now == may_be.as_ref()),
                "{name}: {known:?} became {now:?}"
            );
        }
        for name in found.keys() {
            assert!(self.certain.contains_key(name) || self.open.contains_key(name), "{name} was never asked for");
        }
        self.open.clear();
        self.certain = found;
    }
}

/// A connection as it is there: whole, or the test fails.
fn seen(info: &ConnectionInfo) -> Known {
    let hosts: Vec<_> = info.hosts.iter().map(|host| (host.name.as_str(), host.ip.as_str())).collect();
    assert_eq!(hosts, HOSTS, "{} is there without its host records", info.name);
    let deleted = info.status == "DELETED";
    let peers = info.available_queue_info.len();
    assert!(peers <= 1 && !(deleted && peers == 1), "{}: {peers} peers", info.name);
    Known { deleted, bound: peers == 1 }
}
