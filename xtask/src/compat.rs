//! The compatibility suites of `compat/`, each against a server of its own.
//!
//! The suites take an address and keys and know nothing of how the server came to be; this module makes it.
//!
//! To add a suite, add a folder under `compat/`, a function here and a step in [`crate::steps`].

use crate::process::Task;
use crate::server::{self, Server};
use crate::setup;
use crate::step::Outcome;
use crate::workspace::Workspace;

/// The unmodified Python SDK of the vendor.
pub(crate) fn sdk(workspace: &Workspace) -> Outcome {
    against_fresh_server(workspace, "python")
}

/// Requests captured from the SDK, signed again by an independent signer and sent as they were.
pub(crate) fn replay(workspace: &Workspace) -> Outcome {
    against_fresh_server(workspace, "replay")
}

/// Every operation against the answer that the documents print for it.
pub(crate) fn golden(workspace: &Workspace) -> Outcome {
    against_fresh_server(workspace, "golden")
}

/// The suites of the API against three nodes on one PostgreSQL, two of them behind a pooler, where every request goes to
/// another node than the one before.
pub(crate) fn nodes(workspace: &Workspace) -> Outcome {
    setup::python(workspace)?;
    for suite in ["python", "replay", "golden"] {
        let nodes = Server::nodes(workspace, suite)?;
        let outcome = suite_at(workspace, suite, (&nodes, nodes.endpoint()));
        ended(nodes, outcome)?;
    }
    Ok(())
}

/// The SDK on the Linux plane, where packets flow: as root of namespaces of its own, and so without any privilege here.
pub(crate) fn networks(workspace: &Workspace) -> Outcome {
    setup::python(workspace)?;
    let binary = server::build(workspace)?;
    let apart = ["--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc"];
    let prepared = r#"mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@""#;
    let task = Task::new("unshare").args(apart).args(["sh", "-c", prepared, "sh"]);
    let task = task.args([workspace.venv_program("python")]).args(["-B", "-m", "pytest", "-q", "compat/networks"]);
    isolated(task).env("LINKSPAN_BINARY", binary).in_dir(workspace.root()).run()
}

/// Generated calls, good and bad, against the served OpenAPI document; over HTTP alone, since no answer depends on it.
pub(crate) fn schema(workspace: &Workspace) -> Outcome {
    setup::python(workspace)?;
    let server = Server::start(workspace, "schema")?;
    let pytest = Task::new(workspace.venv_program("python")).args(["-B", "-m", "pytest", "-q", "compat/schema"]);
    let outcome = at(isolated(pytest), &server, server.endpoint()).in_dir(workspace.root()).run();
    ended(server, outcome)
}

/// The example configuration, where Terraform and its provider are installed; elsewhere it says that they are not.
pub(crate) fn terraform(workspace: &Workspace) -> Outcome {
    setup::python(workspace)?;
    let server = Server::start(workspace, "terraform")?;
    let run = Task::new(workspace.venv_program("python")).args(["-B", "compat/terraform/run.py"]);
    let outcome = at(isolated(run), &server, server.endpoint()).in_dir(workspace.root()).run();
    ended(server, outcome)
}

/// The interactive explorer in a real browser.
pub(crate) fn explorer(workspace: &Workspace) -> Outcome {
    against_fresh_server(workspace, "explorer")
}

/// Runs a suite over HTTP and then over HTTPS, against one server that was started for it.
fn against_fresh_server(workspace: &Workspace, suite: &str) -> Outcome {
    setup::python(workspace)?;
    let server = Server::start(workspace, suite)?;
    let run = |endpoint: String| suite_at(workspace, suite, (&server, endpoint));
    let outcome = run(server.endpoint()).and_then(|()| run(server.tls_endpoint()));
    ended(server, outcome)
}

fn suite_at(workspace: &Workspace, suite: &str, (server, endpoint): (&Server, String)) -> Outcome {
    let tests = format!("compat/{suite}");
    let pytest = Task::new(workspace.venv_program("python")).args(["-B", "-m", "pytest", "-q", &tests]);
    println!("  {suite} at {endpoint}");
    at(isolated(pytest), server, endpoint).in_dir(workspace.root()).run()
}

/// Tells a suite where the server is, and its keys.
fn at(task: Task, server: &Server, endpoint: String) -> Task {
    task.env("LINKSPAN_CREDENTIALS", server.credentials())
        .env("LINKSPAN_ENDPOINT", endpoint)
        .env("LINKSPAN_CA_FILE", server.certificate())
}

/// Stops the server, or shows what it said before a suite failed.
fn ended(server: Server, outcome: Outcome) -> Outcome {
    match outcome {
        Ok(()) => server.stop(),
        Err(reason) => Err(format!("{reason}\n{}", server.end_of_log())),
    }
}

/// Takes from the suite what the caller's environment may say about another endpoint, other keys or a proxy.
fn isolated(task: Task) -> Task {
    let keys = ["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID", "LINKSPAN_PROJECT_ID"];
    let proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    keys.iter().chain(&proxies).fold(task, |task, name| task.without_env(name))
}
