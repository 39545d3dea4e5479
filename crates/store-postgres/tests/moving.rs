//! A store is moved into a schema and out of one, and a schema that is being made is no store.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use linkspan_engine::store::{Head, Store, StoreError};
use linkspan_engine::transfer::{Draft, Report, Rows, Table, check, transfer};
use linkspan_store_postgres::{DraftSchema, Location, OpenError, Options, PostgresStore, Snapshot};
use linkspan_testkit::history::{commit, full, look};
use linkspan_testkit::moving::in_pieces;
use linkspan_testkit::postgres::Cluster;

struct Two {
    cluster: Cluster,
    from: Location,
    to: Location,
}

impl Two {
    fn new() -> Self {
        let cluster = Cluster::start("");
        let [from, to] = ["a", "b"].map(|schema| Location::parse(&cluster.url(schema)).unwrap());
        Self { cluster, from, to }
    }

    fn begin(&self, head: &Head) -> Result<DraftSchema, OpenError> {
        DraftSchema::begin(&self.to, &Options::default(), head)
    }
}

fn open(location: &Location) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(location, &Options::default())
}

#[tokio::test]
async fn a_copy_that_breaks_off_goes_on_and_holds_the_same() {
    let two = Two::new();
    let store = open(&two.from).unwrap();
    let heads = commit(&store, &full(40)).await;
    let mut source = Snapshot::open(&two.from, &Options::default()).unwrap();
    // What is written meanwhile is no part of it.
    let rows = source.rows(Table::Records, None).unwrap();
    let begin = |head: &Head| Box::new(two.begin(head).unwrap()) as Box<dyn Draft>;
    let is_store = || !matches!(open(&two.to), Err(OpenError::Unfinished { .. }));
    let head = in_pieces(&mut source, begin, is_store);
    assert_eq!(head.epoch, 42);
    assert_eq!(source.rows(Table::Records, None).unwrap(), rows);
    let copy = open(&two.to).unwrap();
    assert_eq!(look(&copy, &heads).await, look(&store, &heads).await);
    // It goes on: counts and the oldest commit are right.
    let mut report = Report::default();
    check(&mut Snapshot::open(&two.to, &Options::default()).unwrap(), &mut report);
    // The bodies of this history are no records of the engine.
    assert!(report.findings.iter().all(|finding| finding.contains("expected")), "{report:?}");
    let next = linkspan_testkit::batch::batch(99, vec![]);
    assert_eq!(copy.commit(&next, &head).await.unwrap().revision, head.revision + 1);
}

#[tokio::test]
async fn nothing_is_copied_over_what_is_there() {
    let two = Two::new();
    let head = open(&two.from).unwrap().head().await.unwrap();
    drop(two.begin(&head).unwrap());
    let other = Head { revision: 7, ..head };
    assert!(matches!(two.begin(&other), Err(OpenError::Exists { .. })));
    assert!(two.begin(&head).is_ok(), "the same one goes on");
    let taken = DraftSchema::begin(&two.from, &Options::default(), &head).unwrap_err();
    assert!(matches!(taken, OpenError::Exists { .. }), "{taken}");
    let _ = two.cluster.sql("CREATE SCHEMA c; CREATE TABLE c.theirs (x int)");
    let foreign = Location::parse(&two.cluster.url("c")).unwrap();
    assert!(matches!(DraftSchema::begin(&foreign, &Options::default(), &head), Err(OpenError::Exists { .. })));
    assert!(matches!(Snapshot::open(&foreign, &Options::default()), Err(OpenError::Foreign { .. })));
    let nothing = Location::parse(&two.cluster.url("nothing")).unwrap();
    assert!(matches!(Snapshot::open(&nothing, &Options::default()), Err(OpenError::Empty { .. })));
}

#[tokio::test]
async fn a_copy_that_differs_is_not_published() {
    let two = Two::new();
    let store = open(&two.from).unwrap();
    commit(&store, &full(3)).await;
    let mut source = Snapshot::open(&two.from, &Options::default()).unwrap();
    let head = source.head().unwrap();
    let mut draft = two.begin(&head).unwrap();
    let rows = source.rows(Table::Records, None).unwrap();
    draft.put(rows).unwrap();
    let _ = two.cluster.sql("UPDATE b.record SET body = 'other'");
    let differs = transfer(&mut source, Box::new(draft), None, &mut |_| {}).unwrap_err();
    assert!(matches!(differs, StoreError::Damaged(_)), "{differs}");
    assert!(matches!(open(&two.to), Err(OpenError::Unfinished { .. })));
}
