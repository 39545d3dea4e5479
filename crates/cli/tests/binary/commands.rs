//! Commands against a server that runs: results on standard output, failures on standard error, and the exit codes.

use std::io::Write;
use std::process::Stdio;

use crate::running::{Server, linkspan, run, text};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn failures_have_exit_codes_and_the_form_of_results() {
    let server = Server::start();
    server.printed("pool create batch");
    server.printed("connection create orders --vpc v --subnet n --pool batch --wait");
    let nobody = "0f3b6c1e-52a4-4d0e-9c1b-6a2d5f7e8b10";
    for (arguments, code, kind) in [
        ("connection list --limit x", 2, "usage"),
        ("connection create a-b --vpc v --subnet n", 2, "usage"),
        (&format!("connection show {nobody}"), 3, "not_found"),
        (&format!("connection delete {nobody}"), 3, "not_found"),
        ("connection show orders_", 3, "not_found"),
        ("queue show nothing", 3, "not_found"),
        ("pool delete nothing", 3, "not_found"),
        ("connection bind orders --queue nothing", 3, "not_found"),
        ("queue list --project-id p0", 4, "refused"),
        ("connection create orders --vpc v --subnet n", 5, "conflict"),
        ("queue delete default", 5, "conflict"),
        ("queue list --endpoint http://127.0.0.1:1", 6, "unavailable"),
    ] {
        let output = server.run(&format!("{arguments} -o json"));
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "", "{arguments}");
        let error = &json(&text(&output.stderr))["error"];
        assert_eq!(
            (error["kind"].as_str(), error["exit_code"].as_i64()),
            (Some(kind), Some(code.into())),
            "{arguments}"
        );
    }
}

#[test]
fn the_life_of_a_connection() {
    let server = Server::start();
    server.printed("queue create etl --dedicated --type general");
    server.printed("connection create orders --vpc v --subnet n --host a=10.0.0.1 --tag team=x");
    let bound = json(&server.printed("connection bind orders --queue etl --wait -o json"));
    assert_eq!(bound["available_queue_info"][0]["status"], "ACTIVE");
    assert_eq!(json(&server.printed("connection list --tag team=x -o json")).as_array().unwrap().len(), 1);
    assert_eq!(server.printed("connection list --tag team=y -o name"), "");
    assert_eq!(server.printed("connection hosts orders --set b=10.0.0.2 -o name"), "b\n");
    let unbound = json(&server.printed("connection unbind orders --queue etl -o json"));
    assert_eq!(unbound["available_queue_info"], serde_json::json!([]));
    assert_eq!(server.printed("connection delete orders"), "orders deleted\n");
    assert_eq!(server.printed("connection list -o name"), "");
    assert_eq!(server.printed("connection list --status all -o name"), "orders\n");
    let audited = server.printed("audit -o jsonl");
    assert!(audited.lines().count() >= 6 && audited.contains("createConnection"), "{audited}");
}

#[test]
fn routes_are_added_listed_and_deleted() {
    let server = Server::start();
    server.printed("connection create orders --vpc v --subnet n");
    server.printed("connection route add orders lab 10.1.2.3/16");
    let listed = json(&server.printed("connection route add orders desk 10.9.0.1 -o json"));
    assert_eq!((&listed[0]["cidr"], &listed[1]["name"]), (&"10.1.2.3/16".into(), &"desk".into()));
    for (arguments, code, told) in [
        ("add orders lab 10.2.0.0/16", 5, "another name"),
        ("add orders a/b 10.2.0.0/16", 2, "the name"),
        ("add orders six 2001:db8::/32", 5, "ipv6_enable"),
        ("delete orders nothing", 3, "no route named nothing"),
    ] {
        let output = server.run(&format!("connection route {arguments}"));
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(told), "{arguments}: {}", text(&output.stderr));
    }
    assert_eq!(server.printed("connection route delete orders lab desk"), "lab deleted\ndesk deleted\n");
    assert_eq!(server.printed("connection route list orders -o name"), "");
}

#[test]
fn a_connection_is_shared_with_another_project_and_taken_back() {
    let server = Server::start();
    let second = json(&server.printed("project create second -o json"))["id"].as_str().unwrap().to_owned();
    server.printed("connection create orders --vpc v --subnet n");
    let there = |arguments: &str| server.printed(&format!("{arguments} --project-id {second}"));
    assert_eq!(there("connection list -o name"), "");
    assert_eq!(server.printed(&format!("connection grant orders {second}")), format!("{second} granted\n"));
    assert_eq!(server.printed("connection privileges orders -o name"), format!("{second}\n"));
    there("pool create batch");
    let bound = json(&there("connection bind orders --pool batch --wait -o json"));
    assert_eq!(bound["elastic_resource_pools"][0]["status"], "ACTIVE");
    assert!(there("connection show orders").contains("with other projects"));
    let refused = server.run(&format!("connection delete orders --project-id {second}"));
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stderr));
    server.printed(&format!("connection revoke orders {second}"));
    assert_eq!(there("connection list -o name"), "");
    assert_eq!(server.printed("connection privileges orders -o name"), "");
}

#[test]
fn tags_are_set_listed_and_taken_away() {
    let server = Server::start();
    server.printed("connection create orders --vpc v --subnet n --tag team=x");
    server.printed("queue create etl --dedicated --type general");
    server.printed("pool create batch");
    for thing in ["connection tag {} orders", "queue tag {} etl", "pool tag {} batch"] {
        let tag = |verb: &str, rest: &str| server.printed(&format!("{} {rest} -o jsonl", thing.replace("{}", verb)));
        assert!(tag("set", "env=prod owner=").ends_with("{\"key\":\"owner\",\"value\":\"\"}\n"), "{thing}");
        tag("set", "env=test");
        assert!(tag("list", "").contains("{\"key\":\"env\",\"value\":\"test\"}"), "{thing}");
        tag("delete", "team env nope");
        assert_eq!(tag("list", ""), "{\"key\":\"owner\",\"value\":\"\"}\n", "{thing}");
    }
    assert_eq!(server.printed("connection list --tag owner= -o name"), "orders\n");
    let output = server.run("connection tag set nothing a=b");
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
}

#[test]
fn an_overlap_fails_the_wait_and_says_what_to_do() {
    let server = Server::start();
    server.printed("network vpc create --id v");
    server.printed("network subnet create --id n --vpc v --cidr 10.1.0.0/24");
    server.printed("pool create batch --cidr 10.1.0.0/18");
    let output = server.run("connection create orders --vpc v --subnet n --pool batch --wait");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("FAILED"), "{}", text(&output.stdout));
    let told = text(&output.stderr);
    assert!(told.contains("10.1.0.0/18") && told.contains("10.1.0.0/24"), "{told}");
}

#[test]
fn identities_are_made_and_their_keys_work() {
    let server = Server::start();
    server.printed("project create second");
    let mut child = linkspan(server.directory.path(), "user create reader --project second --password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"a pass word\n").unwrap();
    assert!(child.wait().unwrap().success());
    let key = json(&server.printed("key create --user reader --read-only -o json"));
    let as_reader = |arguments: &str| {
        let mut command = linkspan(server.directory.path(), arguments);
        command.env("HUAWEICLOUD_SDK_AK", key["id"].as_str().unwrap());
        command.env("HUAWEICLOUD_SDK_SK", key["secret"].as_str().unwrap());
        command
    };
    let projects = json(&server.printed("project list -o json"));
    let second = projects.as_array().unwrap().iter().find(|project| project["name"] == "second").unwrap();
    let id = second["id"].as_str().unwrap();
    let code = |arguments: &str| as_reader(arguments).output().unwrap().status.code();
    assert_eq!(code(&format!("connection list --project-id {id}")), Some(0));
    assert_eq!(code(&format!("queue create q --project-id {id}")), Some(4), "the key only reads");
    assert_eq!(code("connection list"), Some(4), "another project");
    server.printed(&format!("key disable {}", key["id"].as_str().unwrap()));
    assert_eq!(code(&format!("connection list --project-id {id}")), Some(4));
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let directory = tempfile::tempdir().unwrap();
    let mut child =
        linkspan(directory.path(), "completion bash").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}

#[test]
fn what_needs_no_server_works_without_one() {
    let directory = tempfile::tempdir().unwrap();
    let version = run(directory.path(), "version");
    assert_eq!(text(&version.stdout), concat!("linkspan ", env!("CARGO_PKG_VERSION"), "\n"));
    for arguments in ["completion zsh", "man", "--help", "connection create --help"] {
        assert!(run(directory.path(), arguments).status.success(), "{arguments}");
    }
    let nothing = run(directory.path(), "db check");
    assert_eq!(nothing.status.code(), Some(3));
}

#[test]
fn keys_are_changed_while_both_work_and_the_last_one_stays() {
    let server = Server::start();
    let file = server.directory.path().join("linkspan-data/credentials.json");
    let first = json(&std::fs::read_to_string(file).unwrap())["access_key"].as_str().unwrap().to_owned();
    for command in [format!("key delete {first}"), format!("key disable {first}")] {
        let refused = server.run(&command);
        assert_eq!(refused.status.code(), Some(5), "{command}");
        let told = text(&refused.stderr);
        assert!(told.contains(&format!("{first} is the last that administers: create another")), "{told}");
    }
    let new = json(&server.printed("key create --description rotated -o json"));
    let with_new = |arguments: &str| {
        let mut command = linkspan(server.directory.path(), arguments);
        command.env("HUAWEICLOUD_SDK_AK", new["id"].as_str().unwrap());
        command.env("HUAWEICLOUD_SDK_SK", new["secret"].as_str().unwrap());
        command.output().unwrap()
    };
    for output in [with_new("queue list"), server.run("queue list")] {
        assert!(output.status.success(), "both work at once");
    }
    assert!(with_new(&format!("key disable {first}")).status.success());
    assert_eq!(server.run("queue list").status.code(), Some(4), "the old one works no more");
    assert!(with_new(&format!("key enable {first}")).status.success());
    server.printed("queue list");
    assert!(with_new(&format!("key delete {first}")).status.success());
    assert_eq!(server.run("queue list").status.code(), Some(4));
    let listed = with_new("key list -o name");
    assert_eq!(text(&listed.stdout), format!("{}\n", new["id"].as_str().unwrap()));
}

#[test]
fn a_key_of_certain_actions_is_told_what_it_lacks() {
    let server = Server::start();
    let key = json(&server.printed("key create --action dli:*:list --action dli:queue:* -o json"));
    let with_key = |arguments: &str| {
        let mut command = linkspan(server.directory.path(), arguments);
        command.env("HUAWEICLOUD_SDK_AK", key["id"].as_str().unwrap());
        command.env("HUAWEICLOUD_SDK_SK", key["secret"].as_str().unwrap());
        command.output().unwrap()
    };
    for allowed in ["connection list", "queue list", "queue create etl --dedicated"] {
        let output = with_key(allowed);
        assert!(output.status.success(), "{allowed}: {}", text(&output.stderr));
    }
    for (refused, action) in
        [("pool create batch", "dli:elasticresourcepool:create"), ("key list", "linkspan:admin:read")]
    {
        let output = with_key(refused);
        assert_eq!(output.status.code(), Some(4), "{refused}");
        assert!(text(&output.stderr).contains(&format!("it lacks {action}")), "{}", text(&output.stderr));
    }
    assert!(server.printed("key list").contains("dli:*:list,dli:queue:*"));
    assert_eq!(server.run("key create --action dli:list").status.code(), Some(2));
    assert_eq!(server.run("key create --action dli:*:list --read-only").status.code(), Some(2));
}

#[test]
fn queues_and_pools_change() {
    let server = Server::start();
    server.printed("queue create etl --dedicated");
    let scaled = json(&server.printed("queue scale etl --out 48 -o json"));
    assert_eq!(scaled["cu_count"], 64);
    assert_eq!(json(&server.printed("queue scale etl --in 16 -o json"))["cu_count"], 48);
    assert_eq!(server.printed("queue restart etl"), "etl restarted\n");
    assert_eq!(json(&server.printed("queue cidr etl 10.5.0.0/16 -o json"))["cidr_in_subnet"], "10.5.0.0/16");
    assert_eq!(server.printed("queue properties etl --set a=1 --set b=x -o name"), "a\nb\n");
    assert_eq!(
        json(&server.printed("queue properties etl --unset a -o json")),
        serde_json::json!([{"key": "b", "value": "x"}])
    );
    server.printed("pool create batch --min-cu 64 --max-cu 64");
    assert_eq!(json(&server.printed("pool update batch --max-cu 128 -o json"))["max_cu"], 128);
    assert_eq!(server.printed("pool add-queue batch etl -o name"), "etl\n");
    assert_eq!(server.printed("pool policies batch etl -o name"), "00-24=1,48,48\n");
    let set = server.printed("pool policies batch etl --set 00-24=1,16,pool --set 09-18=5,64,128 -o name");
    assert_eq!(set, "00-24=1,16,pool\n09-18=5,64,128\n");
    for (arguments, code) in [
        ("queue scale etl --out 16", 5),
        ("queue scale etl", 2),
        ("queue cidr etl 10.0.0.0/33", 2),
        ("queue restart nothing", 3),
        ("pool update batch", 2),
        ("pool update nothing --max-cu 64", 3),
        ("pool policies batch nothing", 3),
        ("pool policies batch etl --set 9-18", 2),
    ] {
        let output = server.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", text(&output.stderr));
    }
    let quotas = json(&server.printed("quota -o json"));
    assert!(quotas.as_array().unwrap().iter().any(|quota| quota["type"] == "QUEUE" && quota["used"] == 1), "{quotas}");
}

#[test]
fn subnets_are_listed_with_what_they_are_bound_to() {
    let server = Server::start();
    server.printed("network vpc create --id v");
    for (id, cidr) in [("free", "192.168.6.0/24"), ("n", "192.168.7.0/24")] {
        server.printed(&format!("network subnet create --id {id} --vpc v --cidr {cidr}"));
    }
    server.printed("network bind n --to kafka-lan");
    let table = server.printed("network subnet list");
    let bound: Vec<_> = table.lines().map(|line| (line.contains("BOUND TO"), line.contains("kafka-lan"))).collect();
    assert_eq!(bound, [(true, false), (false, false), (false, true)], "{table}");
    let subnets = json(&server.printed("network subnet list -o json"));
    assert_eq!((&subnets[0]["bound_to"], &subnets[1]["bound_to"]), (&serde_json::Value::Null, &"kafka-lan".into()));
}

#[test]
fn a_connectivity_test_waits_and_says_what_is_wrong() {
    let server = Server::start();
    server.printed("network vpc create --id v");
    server.printed("network subnet create --id n --vpc v --cidr 192.168.7.0/24");
    server.printed("queue create etl --dedicated");
    server.printed("connection create orders --vpc v --subnet n --queue etl --host db=192.168.7.9 --wait");
    let found = json(&server.printed("connectivity test --queue etl --to db:3306 -o json"));
    assert_eq!((&found["connectivity"], &found["address"]), (&"REACHABLE".into(), &"db:3306".into()));
    let output = server.run("connectivity test --queue etl --to 10.0.0.1:3306");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("UNREACHABLE"), "{}", text(&output.stdout));
    let told = text(&output.stderr);
    assert!(told.contains("queue etl does not reach 10.0.0.1:3306") && told.contains("To do:"), "{told}");
    assert_eq!(server.run("connectivity test --queue etl --to 10.0.0.1").status.code(), Some(2));
    assert_eq!(server.run("connectivity test --queue nothing --to 10.0.0.1:1").status.code(), Some(3));
}
