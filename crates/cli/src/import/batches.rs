//! What goes into one call: a bounded number of things, and of bytes.
//!
//! A dry run leaves nothing behind for the call after it, so there each call brings the queues and pools along that
//! its things need; what becomes of those is told by the call that they are part of in their own right.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use linkspan_wire::own::{ImportRequest, ImportedThing};
use serde_json::Value;

use super::items::Item;

/// Most bytes of a call, roughly; the server takes 12 MiB.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// The things of one call.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) request: ImportRequest,
    /// Whether each thing, in the order of the outcomes, is told about.
    is_wanted: [Vec<bool>; 3],
    bytes: usize,
}

impl Batch {
    /// How many things are told about.
    pub(super) fn len(&self) -> usize {
        self.is_wanted.iter().flatten().filter(|wanted| **wanted).count()
    }

    /// The outcomes that are told.
    pub(super) fn wanted(self, outcomes: Vec<ImportedThing>) -> impl Iterator<Item = ImportedThing> {
        let wanted = self.is_wanted.into_iter().flatten();
        outcomes.into_iter().zip(wanted).filter_map(|(outcome, wanted)| wanted.then_some(outcome))
    }

    fn push(&mut self, item: &Item, is_wanted: bool) {
        self.bytes += item.create().to_string().len();
        let [pools, queues, connections] = &mut self.is_wanted;
        match item {
            Item::Pool(pool) => {
                self.request.elastic_resource_pools.push(pool.as_ref().clone());
                pools.push(is_wanted);
            }
            Item::Queue(queue) => {
                self.request.queues.push(queue.as_ref().clone());
                queues.push(is_wanted);
            }
            Item::Connection(connection) => {
                self.request.connections.push(connection.as_ref().clone());
                connections.push(is_wanted);
            }
        }
    }

    fn holds(&self, item: &Item) -> bool {
        match item {
            Item::Pool(pool) => self.request.elastic_resource_pools.contains(pool),
            Item::Queue(queue) => self.request.queues.contains(queue),
            Item::Connection(_) => false,
        }
    }
}

/// The calls, one after the other.
pub(super) fn batches(items: Vec<Item>, dry_run: bool, most: NonZeroUsize) -> Vec<Batch> {
    let most = most.get().min(ImportRequest::MOST);
    let sources = Sources::of(&items);
    let mut all: Vec<Batch> = Vec::new();
    for item in &items {
        let needs = if dry_run { sources.of_item(item) } else { Vec::new() };
        let bytes = item.create().to_string().len();
        let fits = |batch: &Batch| {
            let more = needs.iter().filter(|need| !batch.holds(need)).count() + 1;
            batch.request.len() + more <= most && batch.bytes + bytes <= MOST_BYTES
        };
        let batch = match all.pop() {
            Some(last) if fits(&last) => last,
            last => {
                all.extend(last);
                Batch::default()
            }
        };
        all.push(filled(batch, item, &needs));
    }
    all
}

fn filled(mut batch: Batch, item: &Item, needs: &[&Item]) -> Batch {
    for need in needs {
        if !batch.holds(need) {
            batch.push(need, false);
        }
    }
    batch.push(item, true);
    batch
}

/// Queues and pools by name.
struct Sources<'a> {
    queues: HashMap<&'a str, &'a Item>,
    pools: HashMap<&'a str, &'a Item>,
}

impl<'a> Sources<'a> {
    fn of(items: &'a [Item]) -> Self {
        let mut sources = Self { queues: HashMap::new(), pools: HashMap::new() };
        for item in items {
            let named = |member: &str| item.create().get(member).and_then(Value::as_str);
            match item {
                Item::Pool(_) => sources.pools.extend(named("elastic_resource_pool_name").map(|name| (name, item))),
                Item::Queue(_) => sources.queues.extend(named("queue_name").map(|name| (name, item))),
                Item::Connection(_) => {}
            }
        }
        sources
    }

    /// What a thing needs to be there, pools before queues.
    fn of_item(&self, item: &Item) -> Vec<&'a Item> {
        let create = item.create();
        let names = |member: &str| {
            let names = create.get(member).and_then(Value::as_array);
            names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        match item {
            Item::Pool(_) => Vec::new(),
            Item::Queue(_) => {
                let home = create.get("elastic_resource_pool_name").and_then(Value::as_str);
                home.and_then(|home| self.pools.get(home)).into_iter().copied().collect()
            }
            Item::Connection(_) => {
                let pools = names("elastic_resource_pools");
                let pools = pools.iter().filter_map(|name| self.pools.get(name.as_str()));
                let queues = names("queues");
                let queues = queues.iter().filter_map(|name| self.queues.get(name.as_str()));
                pools.chain(queues).copied().collect()
            }
        }
    }
}
