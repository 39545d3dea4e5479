use clap::{CommandFactory, Parser};

use super::*;
use crate::arguments::{Cli, Command};

/// The action of a command line after `linkspan connection`.
fn action(words: &str) -> Action {
    let words = ["linkspan", "connection"].into_iter().chain(words.split(' '));
    let Command::Connection(group) = Cli::try_parse_from(words).unwrap().command else { panic!("another command") };
    group.action
}

fn query(words: &str) -> String {
    let Action::List(list) = action(words) else { panic!("another action") };
    list.query().to_query()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_list_is_everything_that_exists() {
    assert_eq!(query("list"), "limit=0&status=ACTIVE");
    assert_eq!(query("ls --status all"), "limit=0");
    assert_eq!(query("list --status DELETED --limit 10 --offset 20"), "limit=10&offset=20&status=DELETED");
    assert_eq!(
        query("list --name a --tag k=v --tag l=w --oldest-first"),
        "limit=0&order=asc&status=ACTIVE&name=a&tags=k%3Dv%2Cl%3Dw"
    );
}

#[test]
fn a_create_holds_what_was_given() {
    let Action::Create(new) =
        action("create orders --vpc v --subnet n --queue q1 --queue q2 --pool p --host node=10.0.0.1 --tag k=v")
    else {
        panic!("another action")
    };
    let body = serde_json::to_value(new.request().unwrap()).unwrap();
    let expected = serde_json::json!({
        "name": "orders", "dest_vpc_id": "v", "dest_network_id": "n", "queues": ["q1", "q2"],
        "elastic_resource_pools": ["p"], "hosts": [{"name": "node", "ip": "10.0.0.1"}],
        "tags": [{"key": "k", "value": "v"}],
    });
    assert_eq!(body, expected);
    assert!(!new.wait.wait);
}

#[test]
fn what_cannot_be_sent_is_wrong_usage() {
    let Action::Create(new) = action("create a-b --vpc v --subnet n") else { panic!("another action") };
    let failure = new.request().unwrap_err();
    assert!(failure.exit() == Exit::Usage && failure.text().contains("a-b"), "{}", failure.text());
}

#[test]
fn hosts_are_set_cleared_or_shown() {
    let records = |words: &str| {
        let Action::Hosts(hosts) = action(words) else { panic!("another action") };
        hosts.records().unwrap()
    };
    assert_eq!(records("hosts c"), None);
    assert_eq!(records("hosts c --clear"), Some(Vec::new()));
    assert_eq!(records("hosts c --set a=10.0.0.1"), Some(vec![("a".into(), "10.0.0.1".into())]));
}

#[test]
fn one_name_means_one_connection() {
    let named = |id: &str| ConnectionInfo { id: id.into(), ..ConnectionInfo::default() };
    assert_eq!(only("a", vec![named("1")]).unwrap(), "1");
    assert_eq!(only("a", Vec::new()).unwrap_err().exit(), Exit::NotFound);
    let two = only("a", vec![named("1"), named("2")]).unwrap_err();
    assert!(two.text().contains("1, 2"), "{}", two.text());
}
