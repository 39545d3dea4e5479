//! Commands that ask before and after: dry runs, the topology, diagnoses.

use crate::running::{Server, text};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// A server whose queue `etl` has the addresses of the subnet `own`, but not of `n`.
fn furnished() -> Server {
    let server = Server::start();
    server.printed("queue create etl --dedicated");
    server.printed("network vpc create --id v");
    server.printed("network subnet create --id own --vpc v --cidr 172.31.255.0/25");
    server.printed("network subnet create --id n --vpc v --cidr 192.168.7.0/24");
    server
}

#[test]
fn a_dry_run_says_what_it_would_meet_and_makes_nothing() {
    let server = furnished();
    let told = server.printed("connection create orders --vpc v --subnet n --queue etl --dry-run");
    assert_eq!(told, "Dry run, nothing was made: nothing stands against it.\n  ok     queue etl (172.31.255.0/24)\n");
    let overlaps = server.run("connection create orders --vpc v --subnet own --queue etl --dry-run");
    assert_eq!(overlaps.status.code(), Some(1));
    assert!(text(&overlaps.stdout).contains("error: queue etl: CIDR 172.31.255.0/24"), "{}", text(&overlaps.stdout));
    let refused = server.run("connection create orders --vpc v --subnet n --queue nothing --dry-run -o json");
    assert_eq!(refused.status.code(), Some(3));
    assert_eq!(json(&text(&refused.stdout))["refusal"]["error_code"], "DLI.0002");
    assert_eq!(server.printed("connection list -o name"), "");
    server.printed("connection create orders --vpc v --subnet n");
    assert_eq!(server.printed("connection bind orders --queue etl --dry-run -o name"), "ready\n");
    assert_eq!(server.run("connection bind orders --queue nothing --dry-run").status.code(), Some(3));
    let route = server.printed("connection route add orders lab 100.64.9.0/24 --dry-run");
    assert!(route.contains("warning: route lab (100.64.9.0/24) shares addresses with 100.64.0.0/10"), "{route}");
    let shown = json(&server.printed("connection show orders -o json"));
    assert_eq!((&shown["available_queue_info"], &shown["routes"]), (&serde_json::json!([]), &serde_json::json!([])));
    assert_eq!(server.run("connection bind orders --queue etl --dry-run --wait").status.code(), Some(2));
}

#[test]
fn a_diagnosis_draws_the_way_and_its_exit_code_says_whether_it_is_open() {
    let server = furnished();
    let unbound = server.run("diagnose --queue etl --to 192.168.7.9:9092");
    assert_eq!(unbound.status.code(), Some(7), "{}", text(&unbound.stderr));
    let drawn = text(&unbound.stdout);
    assert!(drawn.starts_with("queue etl → 192.168.7.9:9092\n") && drawn.contains("✘ queue etl"), "{drawn}");
    assert!(drawn.contains("bind queue etl to a connection that leads to subnet n (192.168.7.0/24)"), "{drawn}");
    server.printed("connection create orders --vpc v --subnet n --queue etl --host kafka=192.168.7.9 --wait");
    let open = server.printed("diagnose --queue etl --to kafka:9092");
    assert!(open.contains("(192.168.7.9 by host record)") && open.contains("✔ reachable (proved)"), "{open}");
    let found = json(&server.printed("diagnose --queue etl --to kafka:9092 --limit 500ms -o json"));
    assert_eq!((&found["verdict"], &found["peer_state"]["settled"]), (&"reachable".into(), &true.into()));
    let shut = server.run("diagnose --queue etl --to 10.9.9.9:1 -o json");
    assert_eq!(shut.status.code(), Some(7));
    assert_eq!(json(&text(&shut.stdout))["verdict"], "no_route_in_queue");
    assert_eq!(json(&text(&shut.stderr))["error"]["kind"], "unreachable");
    assert_eq!(server.run("diagnose --queue nothing --to kafka:9092").status.code(), Some(3));
    for wrong in [
        "--queue etl --to kafka",
        "--to kafka:1",
        "--queue etl --pool p --to kafka:1",
        "--queue etl --to h:1 --limit 1h",
    ] {
        assert_eq!(server.run(&format!("diagnose {wrong}")).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_topology_is_drawn_in_every_form() {
    let server = furnished();
    server.printed("connection create orders --vpc v --subnet n --queue etl --wait");
    let tree = server.printed("topology");
    assert!(tree.contains("└─ connection orders\n"), "{tree}");
    assert!(tree.contains("   └─ queue etl (172.31.255.0/24)  ACTIVE"), "{tree}");
    let graph = json(&server.printed("topology -o json"));
    assert_eq!((graph["nodes"].as_array().unwrap().len(), graph["edges"].as_array().unwrap().len()), (5, 4));
    assert!(server.printed("topology -o dot").starts_with("digraph linkspan {"));
    assert!(server.printed("topology -o mermaid").starts_with("flowchart LR\n"));
    let svg = server.printed("topology -o svg");
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    let less = server.run("topology --limit 1 -o name");
    assert!(text(&less.stderr).contains("1 things are left out"), "{}", text(&less.stderr));
    assert_eq!(server.run("topology --limit 0").status.code(), Some(1));
    assert_eq!(server.run("queue list -o svg").status.code(), Some(2));
}
