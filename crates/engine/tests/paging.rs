//! At one instant the pages of a list partition it, for every limit, offset, order and filter, and each page's bytes
//! are exactly its rows.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy knows test functions, but not the functions beside them"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use linkspan_engine::record::{Record, RecordKey, key};
use linkspan_engine::{Engine, Order, PageQuery, ProjectView};
use linkspan_model::{Connection, ConnectionId, ConnectionStatus, Hosts, Stamp, Tags};
use linkspan_testkit::cast::Cast;
use linkspan_testkit::commands::{Limits, TAGS};
use linkspan_testkit::drivers::{block_on, catch_up, options};
use linkspan_testkit::elsewhere::Elsewhere;
use linkspan_testkit::explore::explore;
use linkspan_testkit::fixed::HandClock;
use linkspan_testkit::memory::MemoryStore;
use linkspan_testkit::rows::RowText;
use linkspan_testkit::seen::rows_of;
use linkspan_testkit::simulator::START;
use proptest::prelude::*;
use proptest::sample::Index;
use uuid::Uuid;

/// A connection of the list, under its stamp.
#[derive(Debug, Clone)]
struct Row {
    name: u8,
    active: bool,
    tags: usize,
    hosts: usize,
}

impl Row {
    fn name(&self) -> String {
        format!("n{}", self.name)
    }

    fn hosts(&self) -> Vec<(String, String)> {
        (0..self.hosts).map(|n| (format!("host-{n}"), "10.0.0.1".to_owned())).collect()
    }

    fn json(&self, stamp: i64) -> String {
        let tags = TAGS[self.tags].iter().map(|(key, value)| format!("{key}={value}")).collect();
        let hosts = self.hosts().iter().map(|(name, ip)| format!("{name}={ip}")).collect();
        let (id, name) = (id(stamp).to_string(), self.name());
        RowText { id, name: &name, active: self.active, hosts, tags, ..RowText::default() }.json()
    }

    fn records(&self, cast: &Cast, stamp: i64) -> [Record; 2] {
        let connection = Connection {
            id: id(stamp),
            project: cast.projects[0].clone(),
            name: self.name().parse().unwrap(),
            dest_vpc: "v".parse().unwrap(),
            dest_network: "n".parse().unwrap(),
            route_table: None,
            created: Stamp::new(stamp / 3, u32::try_from(stamp % 3).unwrap()),
            status: if self.active { ConnectionStatus::Active } else { ConnectionStatus::Deleted { at: START } },
            tags: Tags::parse(TAGS[self.tags]).unwrap(),
            routes: Box::default(),
            ipv6: false,
            grantees: Box::default(),
        };
        let hosts = Hosts::parse(&self.hosts()).unwrap();
        [Record::Connection(connection), Record::Hosts(id(stamp), hosts)]
    }
}

fn id(stamp: i64) -> ConnectionId {
    ConnectionId(Uuid::from_u128(stamp as u128))
}

fn row() -> impl Strategy<Value = Row> {
    let hosts = prop_oneof![400 => 0..4_usize, 3 => 100..1500_usize, 1 => Just(9000_usize)];
    (0..12_u8, prop::bool::weighted(0.7), 0..TAGS.len(), hosts).prop_map(|(name, active, tags, hosts)| Row {
        name,
        active,
        tags,
        hosts,
    })
}

/// What happens to the list between two looks at it.
#[derive(Debug, Clone)]
enum Edit {
    /// A connection appears, perhaps between old ones; there already, it is replaced.
    Put(i64, Row),
    /// One is deleted.
    Delete(Index),
    /// So many neighbours are purged.
    Purge(Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        3 => (0..20_000_i64, row()).prop_map(|(stamp, row)| Edit::Put(stamp, row)),
        2 => any::<Index>().prop_map(Edit::Delete),
        1 => (any::<Index>(), 1..200_usize).prop_map(|(at, count)| Edit::Purge(at, count)),
    ]
}

fn query() -> impl Strategy<Value = PageQuery> {
    let active = prop::option::of(any::<bool>());
    let name = prop::option::weighted(0.25, (0..13_u8).prop_map(|name| format!("n{name}")));
    let tags = prop_oneof![3 => Just(0), 2 => 0..TAGS.len()].prop_map(|at| {
        TAGS[at].iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    });
    let limit = prop_oneof![3 => 1..300_u64, 1 => Just(1), 1 => 1000..5000_u64];
    let order = prop_oneof![Just(Order::Desc), Just(Order::Asc)];
    (active, name, tags, prop::option::weighted(0.9, limit), 0..4000_u64, order)
        .prop_map(|(active, name, tags, limit, offset, order)| PageQuery { active, name, tags, offset, limit, order })
}

/// Nothing is purged but by the tests.
const KEEPS_ALL: Limits =
    Limits { host_bytes: usize::MAX, keep_ms: i64::MAX, keep: usize::MAX, ..Limits::small(false) };

type Rows = BTreeMap<i64, Row>;

/// What a query finds, told by looking at every row.
fn found(rows: &Rows, query: &PageQuery) -> Vec<String> {
    let bears = |row: &Row, (key, value): &(String, String)| TAGS[row.tags].contains(&(key, value));
    let wanted = |row: &Row| {
        query.active.is_none_or(|active| active == row.active)
            && query.name.as_ref().is_none_or(|name| *name == row.name())
            && query.tags.iter().all(|tag| bears(row, tag))
    };
    let mut found: Vec<String> =
        rows.iter().filter(|(_, row)| wanted(row)).map(|(stamp, row)| row.json(*stamp)).collect();
    if query.order == Order::Desc {
        found.reverse();
    }
    found
}

/// Takes one page, and all pages of the query's size one after the other.
fn check(view: &ProjectView<'_>, rows: &Rows, query: &PageQuery) {
    let all = found(rows, query);
    let page = view.page(query);
    assert_eq!(page.total, all.len(), "{query:?}");
    let skip = usize::try_from(query.offset).unwrap();
    let take = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
    assert!(rows_of(page).iter().eq(all.iter().skip(skip).take(take)), "{query:?}");
    // Small pages of a long list are many.
    let size = query.limit.unwrap_or(1000).max(all.len() as u64 / 40 + 1);
    let mut paged = Vec::new();
    for offset in (0..=all.len() as u64).step_by(usize::try_from(size).unwrap()) {
        let page = view.page(&PageQuery { offset, limit: Some(size), ..query.clone() });
        assert_eq!(page.total, all.len());
        paged.extend(rows_of(page));
    }
    assert!(paged == all, "the pages of {query:?} are not the list");
    let beyond = view.page(&PageQuery { offset: u64::MAX, ..query.clone() });
    assert_eq!((beyond.total, beyond.count, rows_of(beyond).len()), (all.len(), 0, 0));
}

fn change(rows: &mut Rows, edits: &[Edit], cast: &Cast) -> (Vec<Record>, Vec<RecordKey>) {
    let before = rows.clone();
    for edit in edits {
        let pick =
            |rows: &Rows, at: &Index| (!rows.is_empty()).then(|| *rows.keys().nth(at.index(rows.len())).unwrap());
        match edit {
            Edit::Put(stamp, row) => drop(rows.insert(*stamp, row.clone())),
            Edit::Delete(at) => {
                if let Some(stamp) = pick(rows, at) {
                    rows.get_mut(&stamp).unwrap().active = false;
                }
            }
            Edit::Purge(at, count) => {
                let from = pick(rows, at).unwrap_or(0);
                let gone: Vec<i64> = rows.range(from..).take(*count).map(|(stamp, _)| *stamp).collect();
                rows.retain(|stamp, _| !gone.contains(stamp));
            }
        }
    }
    let is_new = |stamp: &i64, row: &Row| before.get(stamp).is_none_or(|old| old.json(*stamp) != row.json(*stamp));
    let changed = rows.iter().filter(|(stamp, row)| is_new(stamp, row));
    let records = changed.flat_map(|(stamp, row)| row.records(cast, *stamp)).collect();
    let gone = before.keys().filter(|stamp| !rows.contains_key(stamp));
    (records, gone.flat_map(|stamp| [key::hosts(id(*stamp)), key::connection(id(*stamp))]).collect())
}

/// What a list holds at first, what happens to it, and what is asked of it.
type Play = (Vec<(i64, Row)>, Vec<Vec<Edit>>, Vec<PageQuery>);

fn plays(most: usize) -> impl Strategy<Value = Play> {
    let rows = prop::collection::vec((0..20_000_i64, row()), 0..most);
    let edits = prop::collection::vec(prop::collection::vec(edit(), 1..12), 0..6);
    (rows, edits, prop::collection::vec(query(), 8))
}

#[test]
fn pages_partition_a_list() {
    explore(12, &prop_oneof![plays(40), plays(3000)], |(start, edits, queries)| {
        block_on(async {
            let store = Arc::new(MemoryStore::default());
            let clock = Arc::new(HandClock::at(START));
            let mut engine = Engine::open(store.clone(), options(&clock, KEEPS_ALL)).await.unwrap();
            let cast = Cast::assemble(&mut engine).await;
            engine.close().await;
            let mut elsewhere = Elsewhere::of(&store);
            let (mut rows, start): (Rows, Vec<Edit>) =
                (Rows::new(), start.into_iter().map(|(stamp, row)| Edit::Put(stamp, row)).collect());
            let (records, gone) = change(&mut rows, &start, &cast);
            elsewhere.write(&records, &gone).await;
            // From here on the list was loaded, and then changes under the eyes of its readers.
            let engine = Engine::open(store.clone(), options(&clock, KEEPS_ALL)).await.unwrap();
            for (number, edits) in [vec![]].iter().chain(&edits).enumerate() {
                let (records, gone) = change(&mut rows, edits, &cast);
                elsewhere.write(&records, &gone).await;
                catch_up(&engine).await;
                let state = engine.view();
                let view = state.project(cast.onlooker(0));
                assert_eq!(view.row_count(), rows.len());
                let looks = queries.iter().cycle().skip(number).take(if number == 0 { queries.len() } else { 3 });
                looks.for_each(|query| check(&view, &rows, query));
            }
        });
    });
}

/// A page of so many rows is rendered as it is sent.
#[test]
fn a_list_too_long_to_be_rendered_at_once_comes_whole() {
    block_on(async {
        let store = Arc::new(MemoryStore::default());
        let clock = Arc::new(HandClock::at(START));
        let mut engine = Engine::open(store.clone(), options(&clock, KEEPS_ALL)).await.unwrap();
        let cast = Cast::assemble(&mut engine).await;
        let row = |n: i64| Row { name: (n % 12) as u8, active: n % 3 != 0, tags: (n % 4) as usize, hosts: 0 };
        let mut rows = Rows::new();
        let edits: Vec<Edit> = (0..9000).map(|n| Edit::Put(n, row(n))).collect();
        let (records, _) = change(&mut rows, &edits, &cast);
        Elsewhere::of(&store).write(&records, &[]).await;
        catch_up(&engine).await;
        let state = engine.view();
        let view = state.project(cast.onlooker(0));
        for order in [Order::Desc, Order::Asc] {
            for active in [None, Some(true), Some(false)] {
                let query = PageQuery { order, active, ..PageQuery::default() };
                let (page, expected) = (view.page(&query), found(&rows, &query));
                assert_eq!(page.bytes.is_none(), expected.len() > 4096, "the test is about both");
                assert!(rows_of(page) == expected, "{query:?}");
            }
        }
    });
}
