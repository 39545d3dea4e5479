//! `serve` and `quickstart`.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::running::{Server, linkspan, printed, run, text};

#[test]
fn a_server_says_where_it_is_and_ends_in_order() {
    let server = Server::start();
    assert!(server.line.starts_with("Linkspan listens on http://127.0.0.1:"), "{}", server.line);
    assert!(server.line.trim_end().ends_with("credentials in ./linkspan-data/credentials.json"), "{}", server.line);
    let file = server.directory.path().join("linkspan-data/credentials.json");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let finalized = printed(server.directory.path(), "db finalize");
    assert!(finalized.contains("already"), "a server on SQLite has done it: {finalized}");
    server.signal("-TERM");
    let (status, directory) = server.ended();
    assert_eq!(status.code(), Some(0));
    let checked = printed(directory.path(), "db check");
    assert!(checked.contains("sound"), "{checked}");
}

#[test]
fn a_restart_keeps_everything_and_makes_no_new_key() {
    let server = Server::start();
    server.printed("queue create etl --dedicated");
    server.printed("connection create orders --vpc v --subnet n --queue etl --wait");
    let file = server.directory.path().join("linkspan-data/credentials.json");
    let before = std::fs::read_to_string(&file).unwrap();
    server.signal("-INT");
    let (status, directory) = server.ended();
    assert_eq!(status.code(), Some(0));

    let address = serde_json::from_str::<serde_json::Value>(&before).unwrap()["endpoint"].as_str().unwrap().to_owned();
    let again = Server::start_in(directory, &format!("--listen {}", address.trim_start_matches("http://")));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let list: serde_json::Value = serde_json::from_str(&again.printed("connection list -o json")).unwrap();
    assert_eq!(
        (list[0]["name"].as_str(), list[0]["available_queue_info"][0]["status"].as_str()),
        (Some("orders"), Some("ACTIVE"))
    );
}

#[test]
fn the_credentials_follow_the_listener_and_keep_their_secrets() {
    let server = Server::start();
    let file = server.directory.path().join("linkspan-data/credentials.json");
    let read = || serde_json::from_slice::<serde_json::Value>(&std::fs::read(&file).unwrap()).unwrap();
    let before = read();
    server.signal("-TERM");
    let (_, directory) = server.ended();
    // Someone else has the old port now, so that the new one is another.
    let held = std::net::TcpListener::bind(before["endpoint"].as_str().unwrap().trim_start_matches("http://")).unwrap();
    let again = Server::start_in(directory, "--listen 127.0.0.1:0");
    let mut after = read();
    assert_ne!(after["endpoint"], before["endpoint"]);
    assert!(again.line.contains(after["endpoint"].as_str().unwrap()), "{}", again.line);
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    after["endpoint"] = before["endpoint"].clone();
    assert_eq!(after, before);
    assert!(again.printed("queue list -o name").contains("default"), "the file is enough for a client");
    drop(held);
}

/// Sends a request and answers everything that comes back.
fn exchange(address: &str, head: &str, body: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    let length = body.len();
    let request = format!("{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn tokens_outlive_the_server_and_end_with_the_password() {
    let server = Server::start();
    let file = server.directory.path().join("linkspan-data/credentials.json");
    let read = || serde_json::from_slice::<serde_json::Value>(&std::fs::read(&file).unwrap()).unwrap();
    let text = |name: &str| read()[name].as_str().unwrap().to_owned();
    let user = serde_json::json!({"name": text("user_name"), "password": text("password"), "domain": {"id": text("domain_id")}});
    let identity = serde_json::json!({"methods": ["password"], "password": {"user": user}});
    let scope = serde_json::json!({"project": {"id": text("project_id")}});
    let body = serde_json::json!({"auth": {"identity": identity, "scope": scope}}).to_string();
    let answer = exchange(&text("endpoint"), "POST /v3/auth/tokens HTTP/1.1", &body);
    let token = answer.lines().find_map(|line| line.strip_prefix("x-subject-token: ")).unwrap().to_owned();
    server.signal("-TERM");
    let (_, directory) = server.ended();

    let again = Server::start_in(directory, "--listen 127.0.0.1:0");
    let path = format!("/v2.0/{}/datasource/enhanced-connections", text("project_id"));
    let list = || exchange(&text("endpoint"), &format!("GET {path} HTTP/1.1\r\nX-Auth-Token: {token}"), "");
    assert!(list().starts_with("HTTP/1.1 200 "), "{}", list());
    let mut child = linkspan(again.directory.path(), "user change admin --password-stdin");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"another pass word\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert!(list().starts_with("HTTP/1.1 401 "), "{}", list());
}

#[test]
fn commands_work_over_https() {
    let server = Server::start_in(tempfile::tempdir().unwrap(), "--listen 127.0.0.1:0 --tls-listen 127.0.0.1:0");
    let https = server.line.split([' ', ';']).find(|word| word.starts_with("https://")).unwrap().to_owned();
    let mut command = linkspan(server.directory.path(), &format!("queue list -o name --endpoint {https}"));
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(6), "nobody vouches for the certificate: {}", text(&refused.stderr));
    let trusted = command.env("LINKSPAN_CA_FILE", "linkspan-data/tls-certificate.pem").output().unwrap();
    assert!(trusted.status.success(), "{}", text(&trusted.stderr));
    assert_eq!(text(&trusted.stdout), "default\n");
}

#[test]
fn a_directory_in_use_names_who_has_it() {
    let server = Server::start();
    let second = server.run("serve --listen 127.0.0.1:0 --metrics-listen off");
    assert_eq!(second.status.code(), Some(5));
    let told = text(&second.stderr);
    assert!(told.contains(&format!("process {}", server.pid())), "{told}");
}

#[test]
fn a_port_in_use_is_said_before_anything_is_made() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    for flags in
        [format!("--listen {address} --metrics-listen off"), format!("--listen 127.0.0.1:0 --metrics-listen {address}")]
    {
        let refused = run(directory.path(), &format!("serve {flags}"));
        assert_eq!(refused.status.code(), Some(5));
        assert!(text(&refused.stderr).contains(&format!("{address} is in use")), "{}", text(&refused.stderr));
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_lost_key_is_replaced() {
    let server = Server::start();
    server.signal("-TERM");
    let (_, directory) = server.ended();
    let file = directory.path().join("linkspan-data/credentials.json");
    std::fs::remove_file(&file).unwrap();
    let again = Server::start_in(directory, "--listen 127.0.0.1:0 --reset-admin");
    assert_eq!(again.printed("user list -o name"), "admin\n");
}

#[test]
fn a_lost_master_key_is_said_and_no_other_is_made() {
    let server = Server::start();
    server.signal("-TERM");
    let (_, directory) = server.ended();
    let file = directory.path().join("linkspan-data/master.key");
    std::fs::remove_file(&file).unwrap();
    let refused = run(directory.path(), "serve --listen 127.0.0.1:0 --metrics-listen off");
    assert_eq!(refused.status.code(), Some(1));
    let told = text(&refused.stderr);
    assert!(told.contains("master.key") && told.contains("LINKSPAN_MASTER_KEY_FILE"), "{told}");
    assert!(!file.exists());
}

#[test]
fn quickstart_shows_a_table_of_connections_that_work() {
    let directory = tempfile::tempdir().unwrap();
    // A configuration that lies there must not be touched by a first try.
    std::fs::write(directory.path().join("linkspan.toml"), "database = \"sqlite:real.db\"\n").unwrap();
    let table = printed(directory.path(), "quickstart --once");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[0].starts_with("NAME"), "{table}");
    assert!(
        lines[1..].iter().all(|line| line.contains("ACTIVE") && (line.contains("1/1") || line.contains("2/2"))),
        "{table}"
    );
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn quickstart_can_use_a_directory_twice() {
    let directory = tempfile::tempdir().unwrap();
    let names = printed(directory.path(), "quickstart --once --data-dir here -o name");
    assert_eq!(printed(directory.path(), "quickstart --once --data-dir here -o name"), names);
    assert_eq!(names.lines().count(), 3);
}

#[test]
fn quickstart_serves_on_and_its_commands_work_from_anywhere() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = linkspan(directory.path(), "quickstart --data-dir here")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The last words of the guide are the last that it prints.
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .take_while(|line| !line.starts_with("data \"huaweicloud_dli"))
        .collect();
    let export = lines.iter().find(|line| line.starts_with("export ")).unwrap();
    let list = lines.iter().find(|line| line.ends_with("connection list -o wide")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let script = format!("{export}\n{list}\n");
    let copied = Command::new("sh").env_clear().current_dir(elsewhere.path()).args(["-c", &script]).output().unwrap();
    let ended = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let status = child.wait().unwrap();
    assert!(copied.status.success(), "{}", text(&copied.stderr));
    assert_eq!(text(&copied.stdout).lines().count(), 4);
    assert!(ended.success() && status.code() == Some(0));
}
