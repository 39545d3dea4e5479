//! The data of a fresh cluster, made once and copied for each test.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::account::Account;
use super::programs::Programs;
use super::{ADMINISTRATOR, USER};

/// A copy of the template, in a directory that nobody else has.
pub(crate) fn copy(programs: &Programs, account: &Account) -> PathBuf {
    let root = root(account);
    let template = root.join(programs.version());
    // Tests run in processes of their own, and the first one makes it.
    let lock = File::create(root.join("lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        make(programs, account, &template);
    }
    let data = place(&root, account);
    let copied = account.command(Path::new("cp")).args(["-a", "--reflink=auto"]).arg(&template).arg(&data).status();
    assert!(copied.unwrap().success(), "the template can't be copied");
    data
}

/// Where data may come to lie, in a directory that nobody else has.
pub(crate) fn new_place(account: &Account) -> PathBuf {
    place(&root(account), account)
}

fn place(root: &Path, account: &Account) -> PathBuf {
    let scratch = tempfile::Builder::new().prefix("cluster-").tempdir_in(root).unwrap();
    account.give(scratch.path());
    scratch.keep().join("data")
}

/// Under the target directory, unless the server's user can't get there.
fn root(account: &Account) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let below_target = test.ancestors().nth(3).unwrap().join("postgres");
    let elsewhere = std::env::temp_dir().join("linkspan-postgres");
    for root in [&below_target, &elsewhere] {
        fs::create_dir_all(root).unwrap();
        account.give(root);
        if account.can_write(root) {
            return root.clone();
        }
    }
    panic!("the user of servers can write neither {} nor {}", below_target.display(), elsewhere.display());
}

fn make(programs: &Programs, account: &Account, template: &Path) {
    let draft = template.with_extension("draft");
    if draft.exists() {
        fs::remove_dir_all(&draft).unwrap();
    }
    let mut initdb = account.command(&programs.path("initdb"));
    initdb.args(["--auth=trust", "--encoding=UTF8", "--locale=C", "--username", ADMINISTRATOR, "-D"]).arg(&draft);
    let made = initdb.stdin(Stdio::null()).output().unwrap();
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    create_database(programs, account, &draft);
    fs::rename(&draft, template).unwrap();
}

/// The one database and its owner, by a server that serves nobody else.
fn create_database(programs: &Programs, account: &Account, data: &Path) {
    let mut single = account.command(&programs.path("postgres"));
    single.args(["--single", "-D"]).arg(data).arg("postgres");
    let mut child = single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let statements = format!("CREATE ROLE {USER} LOGIN\nCREATE DATABASE {USER} OWNER {USER}\n");
    child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "the database can't be made");
}
