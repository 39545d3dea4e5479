//! A list of rows against a sorted map: what it answers, and that its leaves and chunks stay as they should be.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::sync::Arc;

use linkspan_model::{Connection, ConnectionId, ConnectionStatus, Hosts, Stamp, Tags};
use linkspan_testkit::explore::explore;
use proptest::prelude::*;
use uuid::Uuid;

use super::{CHUNK_LEAVES, LEAF_BYTES, LEAF_ROWS, Renderer, RowList};
use crate::state::{ConnectionEntry, RowSource, Stored};
use crate::store::Loc;

/// A row is its id, its version, and as many bytes as its hosts make it.
fn render(row: &RowSource<'_>, out: &mut Vec<u8>) -> Range<usize> {
    let connection = &row.entry.connection;
    let text = format!("{}.{}.", connection.id, connection.name);
    out.extend_from_slice(text.as_bytes());
    out.resize(out.len() + row.entry.hosts().len() * 60, b'x');
    0..0
}

fn renderer() -> Renderer {
    Renderer { render, viewer: "a".parse().unwrap() }
}

fn entry(number: i64, version: u32, hosts: usize) -> Arc<ConnectionEntry> {
    let records: Vec<_> = (0..hosts).map(|n| (format!("h{n}"), Ipv4Addr::LOCALHOST.to_string())).collect();
    let connection = Connection {
        id: ConnectionId(Uuid::from_u128(number as u128)),
        project: "a".parse().unwrap(),
        name: format!("v{version}").parse().unwrap(),
        dest_vpc: "v".parse().unwrap(),
        dest_network: "n".parse().unwrap(),
        route_table: None,
        // Two and two share a stamp, so that their ids decide.
        created: Stamp::new(number / 2000, u32::try_from(number / 2 % 1000).unwrap()),
        status: ConnectionStatus::Active,
        tags: Tags::default(),
        routes: Box::default(),
        ipv6: false,
        grantees: Box::default(),
    };
    let hosts = (hosts > 0).then(|| Box::new(Stored { at: Loc::default(), value: Hosts::parse(&records).unwrap() }));
    Arc::new(ConnectionEntry { at: Loc::default(), connection, hosts, peers: Box::default() })
}

fn row(entry: &Arc<ConnectionEntry>) -> Vec<u8> {
    let mut out = Vec::new();
    render(&RowSource { entry, viewer: &"a".parse().unwrap() }, &mut out);
    out
}

/// What is done to a list.
#[derive(Debug, Clone)]
enum Step {
    /// A row newer than all, so many times, with hosts.
    Append(u8, usize),
    /// A row somewhere, there already or not, with hosts.
    Put(u16, usize),
    /// A row that is there, by its index.
    Replace(prop::sample::Index, usize),
    /// So many neighbours from an index on.
    Remove(prop::sample::Index, u8),
    /// A reader looks at some rows, so that their leaves are rendered.
    Read(prop::sample::Index, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let hosts = || prop_oneof![12 => 0..3_usize, 2 => 300..900_usize, 1 => Just(5000_usize)];
    prop_oneof![
        3 => (1..90_u8, hosts()).prop_map(|(count, hosts)| Step::Append(count, if count > 8 { hosts % 3 } else { hosts })),
        6 => (any::<u16>(), hosts()).prop_map(|(stamp, hosts)| Step::Put(stamp, hosts)),
        4 => (any::<prop::sample::Index>(), hosts()).prop_map(|(at, hosts)| Step::Replace(at, hosts)),
        5 => (any::<prop::sample::Index>(), 1..120_u8).prop_map(|(at, count)| Step::Remove(at, count)),
        4 => (any::<prop::sample::Index>(), 0..255_u8).prop_map(|(at, count)| Step::Read(at, count)),
    ]
}

#[derive(Default)]
struct Model {
    list: RowList,
    rows: BTreeMap<i64, Arc<ConnectionEntry>>,
    version: u32,
}

impl Model {
    fn with(count: usize) -> Self {
        let rows: BTreeMap<_, _> = (0..count as i64).map(|n| (n * 7 + 3, entry(n * 7 + 3, 0, 0))).collect();
        let newest_first: Vec<_> = rows.values().rev().cloned().collect();
        Self { list: RowList::from_newest_first(&newest_first), rows, version: 0 }
    }

    fn put(&mut self, stamp: i64, hosts: usize) {
        self.version += 1;
        let entry = entry(stamp, self.version, hosts);
        self.list.put(Arc::clone(&entry), &renderer());
        self.rows.insert(stamp, entry);
    }

    fn stamp_at(&self, at: &prop::sample::Index) -> Option<i64> {
        (!self.rows.is_empty()).then(|| *self.rows.keys().nth(at.index(self.rows.len())).unwrap())
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Append(count, hosts) => {
                for _ in 0..*count {
                    let newest = self.rows.last_key_value().map_or(0, |(stamp, _)| *stamp);
                    self.put(newest + 1, *hosts);
                }
            }
            Step::Put(stamp, hosts) => self.put(i64::from(*stamp), *hosts),
            Step::Replace(at, hosts) => {
                if let Some(stamp) = self.stamp_at(at) {
                    self.put(stamp, *hosts);
                }
            }
            Step::Remove(at, count) => {
                let Some(from) = self.stamp_at(at) else { return };
                let gone: Vec<i64> =
                    self.rows.range(from..).take(usize::from(*count)).map(|(stamp, _)| *stamp).collect();
                for stamp in gone {
                    self.list.remove(self.rows.remove(&stamp).unwrap().row_key());
                    // One that is gone changes nothing.
                    self.list.remove(entry(stamp, 0, 0).row_key());
                }
            }
            Step::Read(at, count) => {
                let from = at.index(self.rows.len() + 1);
                let range = from..(from + usize::from(*count));
                let expected = self.rows.values().rev().skip(from).take(usize::from(*count));
                let expected: Vec<u8> = expected.flat_map(|entry| [row(entry), b",".to_vec()].concat()).collect();
                let runs = self.list.runs(range);
                let read = runs.iter().flat_map(|run| run.leaf.slice(&run.places, &renderer()));
                assert!(read.eq(expected), "the rows are others");
            }
        }
    }

    /// Looks at every row, and at how the list is built.
    fn check(&self) {
        assert_eq!(self.list.len(), self.rows.len());
        let entries: Vec<_> = self.list.entries().collect();
        assert!(entries.iter().map(|entry| Arc::as_ptr(entry)).eq(self.rows.values().rev().map(Arc::as_ptr)));
        for (leaves, rows) in self.list.shape() {
            assert!((1..=CHUNK_LEAVES).contains(&leaves.len()), "a chunk of {} leaves", leaves.len());
            assert_eq!(rows, leaves.iter().map(|leaf| leaf.len()).sum::<usize>());
        }
        let renderer = renderer();
        for leaf in self.list.leaves() {
            assert!((1..=LEAF_ROWS).contains(&leaf.len()), "a leaf of {} rows", leaf.len());
            let weight: usize = (0..leaf.len()).map(|place| leaf.entry(place).unwrap().row_weight()).sum();
            assert!(leaf.len() == 1 || weight <= LEAF_BYTES, "{} rows of {weight} bytes", leaf.len());
            for place in 0..leaf.len() {
                let entry = leaf.entry(place).unwrap();
                assert_eq!(leaf.row_json(place, &renderer), row(entry));
                let (found, at) = self.list.find(entry.row_key()).unwrap();
                assert!(Arc::ptr_eq(found, leaf) && at == place);
            }
        }
    }
}

#[test]
fn a_list_is_a_sorted_map() {
    let full = prop_oneof![Just(0), Just(500), Just(4000), Just(12_000)];
    let plays = (full, prop::collection::vec(step(), 0..60), any::<prop::sample::Index>());
    explore(24, &plays, |(full, steps, at)| {
        let mut model = Model::with(full);
        for step in &steps {
            model.take(step);
            assert_eq!(model.list.len(), model.rows.len());
        }
        model.check();
        let copy = model.list.clone();
        let before: Vec<_> = copy.entries().cloned().collect();
        model.take(&Step::Append(3, 0));
        model.take(&Step::Remove(at, 20));
        assert!(copy.entries().eq(before.iter()), "a copy changed with its original");
    });
}

#[test]
fn rows_that_come_in_order_fill_their_leaves() {
    let mut model = Model::default();
    for _ in 0..40 {
        model.take(&Step::Append(250, 0));
    }
    model.check();
    let leaves = model.list.leaves().count();
    assert!(leaves <= 10_000 / LEAF_ROWS + 2, "{leaves} leaves");
    assert!(model.list.shape().count() <= 3);
}

#[test]
fn a_list_that_loses_its_rows_loses_its_leaves() {
    let mut model = Model::with(4000);
    let stamps: Vec<i64> = model.rows.keys().copied().collect();
    for stamp in stamps.iter().filter(|stamp| *stamp % 20 != 3) {
        model.list.remove(model.rows.remove(stamp).unwrap().row_key());
    }
    model.check();
    let (rows, leaves) = (model.rows.len(), model.list.leaves().count());
    assert!(leaves <= rows / 16, "{leaves} leaves for {rows} rows");
}
