use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::connection::{Call, Change, End, Row, check_name};
use super::key::{self, Key};
use super::{Entry, Listed, check, check_lists};

/// A call that was asked and answered at these milliseconds; 0 = never answered.
fn entry<C>((began, ended): (u64, u64), call: C) -> Entry<C> {
    let ended = (ended > 0).then(|| Duration::from_millis(ended));
    Entry { who: "a client".into(), began: Duration::from_millis(began), ended, revision: None, call }
}

fn listed(time: (u64, u64), revision: u64, row: Option<Row>) -> Entry<Call> {
    Entry { revision: Some(revision), ..entry(time, Call::Listed(row)) }
}

fn row(id: &str, bound: bool) -> Option<Row> {
    Some(Row { id: id.into(), bound, granted: None })
}

fn created(id: &str) -> Call {
    Call::Created(id.into())
}

fn change(id: &str, change: Change, end: End) -> Call {
    Call::Change(id.into(), change, end)
}

fn maybe_created() -> Call {
    Call::MaybeCreated(Vec::new())
}

#[track_caller]
fn good(entries: &[Entry<Call>]) {
    check_name(entries).unwrap_or_else(|anomaly| panic!("{anomaly}"));
}

#[track_caller]
fn bad(entries: &[Entry<Call>]) {
    assert!(check_name(entries).is_err(), "it is taken for linearizable: {entries:#?}");
}

#[test]
fn what_overlaps_may_have_come_in_either_order() {
    let made = entry((1, 9), created("a"));
    for seen in [None, row("a", false)] {
        good(&[made.clone(), listed((2, 8), 1, seen)]);
    }
    good(&[made.clone(), entry((2, 8), change("a", Change::Delete, End::Done)), listed((10, 11), 1, None)]);
    good(&[made, entry((2, 8), change("a", Change::Bind, End::Unknown))]);
}

#[test]
fn an_answered_change_is_in_every_later_read() {
    let made = entry((1, 2), created("a"));
    good(&[made.clone(), listed((3, 4), 1, row("a", false))]);
    bad(&[made.clone(), listed((3, 4), 1, None)]);
    bad(&[made.clone(), listed((3, 4), 1, row("b", false))]);
    let bound = entry((3, 4), change("a", Change::Bind, End::Done));
    good(&[made.clone(), bound.clone(), listed((5, 6), 1, row("a", true))]);
    bad(&[made.clone(), bound, listed((5, 6), 1, row("a", false))]);
    let deleted = entry((3, 4), change("a", Change::Delete, End::Done));
    bad(&[made.clone(), deleted.clone(), listed((5, 6), 1, row("a", false))]);
    bad(&[made.clone(), deleted, entry((5, 6), change("a", Change::Unbind, End::Done))]);
    bad(&[made, entry((5, 6), created("b"))]);
}

#[test]
fn what_was_seen_stays_seen() {
    let making = entry((1, 20), created("a"));
    good(&[making.clone(), listed((2, 3), 1, None), listed((4, 5), 2, row("a", false))]);
    bad(&[making, listed((2, 3), 1, row("a", false)), listed((4, 5), 2, None)]);
}

#[test]
fn lists_stand_in_the_order_of_their_revisions() {
    let making = entry((1, 20), created("a"));
    let (without, with) =
        (|revision| listed((2, 9), revision, None), |revision| listed((3, 8), revision, row("a", false)));
    good(&[making.clone(), without(1), with(2)]);
    bad(&[making, without(2), with(1)]);
}

#[test]
fn a_call_without_an_answer_counts_at_any_later_time_or_never_and_once() {
    let made = entry((1, 2), created("a"));
    let deletion = entry((3, 0), change("a", Change::Delete, End::Open));
    let there = |time, revision| listed(time, revision, row("a", false));
    good(&[made.clone(), deletion.clone(), there((4, 5), 1), listed((6, 7), 2, None)]);
    good(&[made.clone(), deletion.clone(), there((4, 5), 1), there((6, 7), 2)]);
    bad(&[made.clone(), deletion.clone(), listed((4, 5), 1, None), there((6, 7), 2)]);
    bad(&[made, listed((4, 5), 1, None), entry((6, 0), change("a", Change::Delete, End::Open))]);
    let making = entry((1, 0), maybe_created());
    good(&[making.clone(), listed((2, 3), 1, None), listed((4, 5), 2, row("x", false))]);
    let deleted = entry((6, 7), change("x", Change::Delete, End::Done));
    let first = [making, listed((4, 5), 1, row("x", false)), deleted];
    let second = listed((8, 9), 2, row("y", false));
    bad(&[&first[..], std::slice::from_ref(&second)].concat());
    good(&[&first[..], &[entry((1, 0), maybe_created()), second]].concat());
    bad(&[&first[..], &[entry((1, 0), maybe_created()), listed((8, 9), 2, row("x", false))]].concat());
}

/// What clients would see if a commit in doubt were decided again although it was made.
#[test]
fn a_change_that_is_made_twice_shows_in_its_answer() {
    bad(&[entry((1, 2), Call::Taken("a".into())), listed((3, 4), 1, row("a", false))]);
    let made = entry((1, 2), created("a"));
    bad(&[made.clone(), entry((3, 4), change("a", Change::Delete, End::Unknown)), listed((5, 6), 1, None)]);
    // The answer names the second id; who looked in between saw the first.
    bad(&[entry((1, 9), created("b")), listed((2, 3), 1, row("a", false)), listed((10, 11), 2, row("b", false))]);
    // A binding that another client has undone comes back.
    let binds = entry((3, 20), change("a", Change::Bind, End::Done));
    let unbound = entry((6, 7), change("a", Change::Unbind, End::Done));
    let seen = [listed((4, 5), 1, row("a", true)), listed((8, 9), 2, row("a", true))];
    bad(&[&[made, binds, unbound], &seen[..]].concat());
}

#[test]
fn what_a_grant_opens_goes_with_it() {
    let made = entry((1, 2), created("a"));
    let granted = entry((3, 4), change("a", Change::Grant, End::Done));
    let bound = |time, end| entry(time, change("a", Change::BindThere, end));
    let there = |time, revision, seen| Entry { revision: Some(revision), ..entry(time, Call::ListedThere(seen)) };
    good(&[made.clone(), bound((3, 4), End::Unknown), there((5, 6), 1, None)]);
    bad(&[made.clone(), bound((3, 4), End::Done)]);
    let first = [made, granted, bound((5, 6), End::Done)];
    good(&[&first[..], &[there((7, 8), 1, row("a", true))]].concat());
    bad(&[&first[..], &[there((7, 8), 1, None)]].concat());
    let revoked = entry((7, 8), change("a", Change::Revoke, End::Done));
    let again = entry((9, 10), change("a", Change::Grant, End::Done));
    let back = |bound| [&first[..], &[revoked.clone(), again.clone(), there((11, 12), 1, row("a", bound))]].concat();
    good(&back(false));
    bad(&back(true));
    bad(&[&first[..], &[revoked.clone(), there((9, 10), 1, row("a", true))]].concat());
    let waits = entry((9, 10), change("a", Change::Delete, End::Waits));
    good(&[&first[..], std::slice::from_ref(&waits)].concat());
    bad(&[&first[..], &[revoked, waits]].concat());
}

#[test]
fn a_revoked_key_opens_nothing_once_that_is_answered() {
    let (revoked, used) =
        (entry((1, 2), key::Call::Set(false)), |time, was_let_in| entry(time, key::Call::Used(was_let_in)));
    let is_good = |entries: &[Entry<key::Call>]| check(Key(true), entries).is_ok();
    assert!(is_good(&[revoked.clone(), used((3, 4), false)]) && !is_good(&[revoked.clone(), used((3, 4), true)]));
    assert!(is_good(&[revoked.clone(), used((1, 4), true)]) && !is_good(&[used((3, 4), false)]));
    let enabling = entry((3, 0), key::Call::Set(true));
    assert!(is_good(&[revoked.clone(), enabling.clone(), used((4, 5), false), used((6, 7), true)]));
    assert!(!is_good(&[revoked, enabling, used((4, 5), true), used((6, 7), false)]));
}

#[test]
fn lists_never_go_back_and_one_revision_has_one_content() {
    let list = |(began, ended), revision, content: &str| Listed {
        who: "a client".into(),
        began: Duration::from_millis(began),
        ended: Duration::from_millis(ended),
        revision,
        project: 0,
        content: content.into(),
    };
    let first = list((1, 2), 5, "x");
    check_lists(&[first.clone(), list((3, 4), 5, "x"), list((5, 6), 6, "y")]).unwrap();
    check_lists(&[list((1, 4), 6, "y"), list((2, 3), 5, "x")]).unwrap();
    assert!(check_lists(&[first.clone(), list((3, 4), 4, "w")]).is_err());
    assert!(check_lists(&[first.clone(), list((1, 2), 5, "y")]).is_err());
    check_lists(&[first, Listed { project: 1, ..list((1, 2), 5, "y") }]).unwrap();
}

/// One server, and when whoever is to name an id can first have seen it.
#[derive(Default)]
struct Server {
    there: Option<Row>,
    seen: BTreeMap<String, Duration>,
}

impl Server {
    /// What it answers to a call that it carries out now. Some calls are never answered, whether they were carried out
    /// (2) or not (1).
    fn carry_out(&mut self, now: Duration, (kind, number, lost): (u8, u64, u8)) -> Call {
        let is_carried_out = lost != 1;
        let named = self.there.as_ref().filter(|row| self.seen.get(&row.id).is_some_and(|seen| *seen < now));
        let id = named.map_or_else(|| "unheard of".to_owned(), |row| row.id.clone());
        let end = if lost > 0 {
            End::Open
        } else if named.is_some() {
            End::Done
        } else {
            End::Unknown
        };
        let has_effect = is_carried_out && named.is_some();
        match (kind, self.there.clone()) {
            (0, taken) => {
                if is_carried_out && taken.is_none() {
                    self.there = row(&number.to_string(), false);
                }
                match taken {
                    _ if lost > 0 => maybe_created(),
                    Some(row) => Call::Taken(row.id),
                    None => created(&number.to_string()),
                }
            }
            (1, _) => {
                self.there.take_if(|_| has_effect);
                change(&id, Change::Delete, end)
            }
            (2 | 3, _) => {
                self.there.iter_mut().filter(|_| has_effect).for_each(|row| row.bound = kind == 2);
                change(&id, if kind == 2 { Change::Bind } else { Change::Unbind }, end)
            }
            (_, there) => Call::Listed(there),
        }
    }
}

/// A history of calls that were carried out one after the other, ten milliseconds apart, and asked and answered up to
/// this much earlier and later.
fn history(calls: &[(u8, u8, u64, u64)]) -> Vec<Entry<Call>> {
    let mut server = Server::default();
    let one = |(number, (kind, lost, early, late)): (u64, &(u8, u8, u64, u64))| {
        // What names an id can't have been asked before it was seen.
        let early = if matches!(kind, 1..=3) { 0 } else { *early };
        let lost = if *kind > 3 { 0 } else { *lost };
        let now = 1_000 + 10 * number;
        let call = server.carry_out(Duration::from_millis(now), (*kind, number, lost));
        let entry = entry((now - early, if lost > 0 { 0 } else { now + late }), call);
        if let (Call::Created(id) | Call::Taken(id) | Call::Listed(Some(Row { id, .. })), Some(ended)) =
            (&entry.call, entry.ended)
        {
            let first = server.seen.entry(id.clone()).or_insert(ended);
            *first = ended.min(*first);
        }
        let revision = matches!(entry.call, Call::Listed(_)).then_some(number);
        Entry { revision, ..entry }
    };
    (0..).zip(calls).map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_one_server_answers_is_never_taken_for_an_anomaly(
        calls in prop::collection::vec((0..8_u8, prop_oneof![8 => Just(0_u8), 1 => Just(1), 1 => Just(2)], 0..60_u64, 0..60_u64), 1..80)
    ) {
        let entries = history(&calls);
        prop_assert!(check_name(&entries).is_ok(), "{}", check_name(&entries).unwrap_err());
    }
}
