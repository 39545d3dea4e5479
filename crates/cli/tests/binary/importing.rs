//! `linkspan import` from one real server into another, directly and through a gateway that has only the cloud's calls.

use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints, ProjectClient};
use linkspan_wire::own::{ImportRequest, ImportVerdict};
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::running::{Server, linkspan, text};

const WITHIN: Duration = Duration::from_secs(60);

fn credentials(server: &Server) -> Value {
    let file = server.directory.path().join("linkspan-data/credentials.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn project(server: &Server) -> ProjectClient {
    let file = credentials(server);
    let field = |name: &str| file[name].as_str().unwrap().to_owned();
    let key = Credentials::key(field("access_key"), field("secret_key"));
    let config = ClientConfig::new(Endpoints::one(&field("endpoint")).unwrap(), key);
    Client::new(config).unwrap().project(&field("project_id"))
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Puts things into a server with times, ties within a millisecond and all that no call of the cloud sets together.
fn fill(server: &Server, things: &Value) {
    let request: ImportRequest = serde_json::from_value(things.clone()).unwrap();
    let answer = wait(project(server).import(&request, false)).unwrap();
    assert!(answer.outcomes.iter().all(|it| it.outcome == ImportVerdict::Created), "{answer:#?}");
}

fn connection(number: usize, millis: usize) -> Value {
    json!({
        "id": format!("4c693ecc-bab8-4113-a838-{number:012}"),
        "create_time": format!("2021-10-12T06:40:11.{millis:03}Z"),
        "place": number % 1000,
        "create": {"name": format!("c{number}"), "dest_vpc_id": "v", "dest_network_id": "n"},
    })
}

/// One of everything, and a few connections of the same millisecond.
fn everything() -> Value {
    let birth = |number: usize| {
        let resource_id = format!("03d51b88-db63-4611-b779-{number:012}");
        json!({"resource_id": resource_id, "create_time": "2020-01-01T00:00:00.001Z", "place": number, "owner": "someone"})
    };
    let mut full = connection(9, 500);
    full["routes"] = json!([{"name": "r", "cidr": "10.1.0.0/16", "create_time": "2021-10-13T00:00:00.007Z"}]);
    full["grantees"] = json!(["granted0to0this0project", "p2"]);
    full["create"] = json!({
        "name": "full", "dest_vpc_id": "v", "dest_network_id": "n", "routetable_id": "t",
        "queues": ["etl"], "elastic_resource_pools": ["batch"],
        "hosts": [{"name": "B", "ip": "10.0.0.2"}, {"name": "a", "ip": "10.0.0.1"}],
        "tags": [{"key": "环境", "value": "测试"}, {"key": "k", "value": ""}],
    });
    let connections: Vec<_> = (0..5).map(|number| connection(number, 125)).chain([full]).collect();
    let tags = json!([{"key": "team", "value": "x"}]);
    let policies =
        json!([{"priority": 2, "impact_start_time": "00:00", "impact_stop_time": "24:00", "min_cu": 0, "max_cu": 32}]);
    json!({
        "elastic_resource_pools": [{"birth": birth(1), "create": {
            "elastic_resource_pool_name": "batch", "min_cu": 64, "max_cu": 128, "tags": tags, "description": "d"}}],
        "queues": [
            {"birth": birth(2), "create": {"queue_name": "etl", "cu_count": 16, "resource_mode": 1,
                "queue_type": "general", "tags": tags, "properties": {"a": 2, "b": "x"}}},
            {"birth": birth(3), "scaling_policies": policies, "create": {"queue_name": "inside", "cu_count": 16,
                "elastic_resource_pool_name": "batch", "labels": ["multi_az=2"]}},
        ],
        "connections": connections,
    })
}

/// Imports from another server, by its credentials file.
fn import(here: &Server, from: &Server, more: &str) -> Output {
    let file = from.directory.path().join("linkspan-data/credentials.json");
    here.run(&format!("import --from-credentials {} {more}", file.display()))
}

fn outcomes(output: &Output) -> Vec<String> {
    let rows: Vec<Value> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    rows.iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Everything that the vendor's lists show, with the time of each peer's last change left out: peers begin anew.
fn lists(server: &Server) -> String {
    let mut all = String::new();
    for list in ["connection list --limit 0", "queue list --type all", "pool list"] {
        let mut rows: Value = serde_json::from_str(&server.printed(&format!("{list} -o json"))).unwrap();
        for row in rows.as_array_mut().unwrap() {
            for kind in ["available_queue_info", "elastic_resource_pools"] {
                for peer in row.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten() {
                    peer["update_time"] = 0.into();
                }
            }
            // The preset queue is as old as its project.
            if row["queue_name"] == "default" {
                row["create_time"] = 0.into();
                row["queue_id"] = 0.into();
                row["resource_id"] = "".into();
            }
        }
        all += &serde_json::to_string_pretty(&rows).unwrap();
    }
    all
}

fn until(what: &str, mut predicate: impl FnMut() -> bool) {
    let deadline = Instant::now() + WITHIN;
    while !predicate() {
        assert!(Instant::now() < deadline, "it never came true that {what}");
        std::thread::yield_now();
    }
}

fn until_active(server: &Server) {
    until("every peer is active", || !server.printed("connection list -o json").contains("CREATING"));
}

#[test]
fn everything_is_here_as_it_is_there_and_stays_so() {
    let (there, here) = (Server::start(), Server::start());
    fill(&there, &everything());
    there.printed("connection create gone --vpc v --subnet n");
    there.printed("connection delete gone");
    until_active(&there);

    let before = lists(&here);
    let dry = import(&here, &there, "--dry-run -o json");
    assert_eq!((outcomes(&dry), dry.status.code()), (vec!["created".to_owned(); 9], Some(0)));
    assert_eq!(lists(&here), before, "a dry run changed something");

    let done = import(&here, &there, "");
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let summary = "9 created, 0 here already, 0 here with other content, 0 refused";
    assert!(text(&done.stderr).contains(summary), "{}", text(&done.stderr));
    until_active(&here);
    assert_eq!(lists(&here), lists(&there));

    let again = import(&here, &there, "-o json");
    assert_eq!((outcomes(&again), again.status.code()), (vec!["identical".to_owned(); 9], Some(0)));
    let back = import(&there, &here, "-o json");
    assert_eq!(outcomes(&back), vec!["identical"; 9], "what was imported is what would be exported");
    let audited = here.printed("audit -o jsonl");
    assert_eq!(audited.lines().filter(|line| line.contains("\"import\"")).count(), 1, "{audited}");

    let id = "4c693ecc-bab8-4113-a838-000000000009";
    assert!(here.printed(&format!("connection show {id} -o json")).contains("\"name\": \"full\""));
    here.printed(&format!("connection hosts {id} --set b=10.0.0.9 -o name"));
    let changed = import(&here, &there, "-o json --only connections");
    assert_eq!(changed.status.code(), Some(5));
    assert!(text(&changed.stdout).contains("\"hosts\""), "{}", text(&changed.stdout));
    here.printed(&format!("connection delete {id}"));
    let deleted = import(&here, &there, "-o json --only connections");
    assert!(text(&deleted.stdout).contains("was deleted here"), "{}", text(&deleted.stdout));
}

#[test]
fn the_calls_of_the_cloud_are_enough() {
    let (there, here, bare) = (Server::start(), Server::start(), Server::start());
    fill(&there, &everything());
    until_active(&there);
    let file = credentials(&there);
    let field = |name: &str| file[name].as_str().unwrap();
    let run = |target: &Server, gateway: &Gateway| {
        let arguments = format!("import --from-endpoint {} --from-project {}", gateway.endpoint, field("project_id"));
        let mut command = linkspan(target.directory.path(), &arguments);
        command.env("LINKSPAN_FROM_AK", field("access_key")).env("LINKSPAN_FROM_SK", field("secret_key"));
        command.args(["-o", "json"]).output().unwrap()
    };

    let cloud = Gateway::before(field("endpoint"), &["/linkspan/"]);
    let done = run(&here, &cloud);
    assert_eq!((outcomes(&done), done.status.code()), (vec!["created".to_owned(); 9], Some(0)));
    assert!(cloud.throttled() > 0, "the gateway was never asked twice");
    until_active(&here);
    assert_eq!(lists(&here), lists(&there));
    // The route table is the one thing that no call of the cloud tells.
    let direct = import(&here, &there, "-o json");
    assert_eq!(outcomes(&direct).iter().filter(|outcome| *outcome != "identical").count(), 1);
    assert!(text(&direct.stdout).contains("routetable_id"), "{}", text(&direct.stdout));

    let poor = Gateway::before(field("endpoint"), &["/linkspan/", "/tags", "/privileges", "/properties"]);
    let done = run(&bare, &poor);
    assert_eq!((outcomes(&done), done.status.code()), (vec!["created".to_owned(); 9], Some(0)));
    let note = "grants, properties of queues, tags can't be read from this source; going on without";
    assert!(text(&done.stderr).contains(note), "{}", text(&done.stderr));
}

#[test]
fn a_run_that_was_killed_goes_on() {
    let (there, here) = (Server::start(), Server::start());
    for block in 0..6 {
        let connections: Vec<_> = (block * 100..block * 100 + 100).map(|n| connection(n, 100 + n / 7)).collect();
        fill(&there, &json!({ "connections": connections }));
    }
    let file = there.directory.path().join("linkspan-data/credentials.json");
    let arguments = format!("import --batch 1 --from-credentials {}", file.display());
    let mut child =
        linkspan(here.directory.path(), &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let query = linkspan_wire::ListConnectionsQuery::default();
    until("some were imported", || wait(project(&here).all_connections(&query)).unwrap().items.len() > 5);
    child.kill().unwrap();
    child.wait().unwrap();
    let some = wait(project(&here).all_connections(&query)).unwrap().items.len();

    let done = import(&here, &there, "-o json");
    let count = |wanted: &str| outcomes(&done).iter().filter(|outcome| *outcome == wanted).count();
    let (identical, created) = (count("identical"), count("created"));
    assert_eq!(identical + created, 600);
    // The call that was under way when it was killed may be carried out after the list was read.
    assert!((some..=some + 1).contains(&identical), "{identical} were there, {some} were seen");
    assert!(created > 0, "it was killed too late to show anything");
    assert_eq!(lists(&here), lists(&there));
}

#[test]
fn what_is_missing_is_told_before_anything_is_done() {
    let here = Server::start();
    for (arguments, code, told) in [
        ("import", 2, "LINKSPAN_FROM_AK"),
        ("import --from-endpoint http://127.0.0.1:1", 2, "LINKSPAN_FROM_AK"),
        ("import --only hosts", 2, "possible values"),
    ] {
        let output = here.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
    let nobody = "import --from-endpoint http://127.0.0.1:1 --from-project p";
    let keys = [("LINKSPAN_FROM_AK", "AK"), ("LINKSPAN_FROM_SK", "SK")];
    let output = linkspan(here.directory.path(), nobody).envs(keys).output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", text(&output.stderr));
}
