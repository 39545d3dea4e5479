use clap::Parser;

use super::*;
use crate::arguments::{Cli, Command};

/// The configuration that flags, variables and a file make together.
fn config(flags: &[&str], variables: &[(&str, &str)], file: Option<&str>) -> Result<NodeConfig, Failure> {
    let directory = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(directory.path().join("linkspan.toml"), text).unwrap();
    }
    let environment = Environment::of(variables, directory.path());
    let words = ["linkspan", "serve"].iter().chain(flags);
    let Command::Serve(options) = Cli::try_parse_from(words).unwrap().command else { panic!("another command") };
    NodeConfig::read(&Layers::collect(&options, &environment)?, &environment, 8)
}

fn fault(flags: &[&str], variables: &[(&str, &str)], file: Option<&str>) -> String {
    let failure = config(flags, variables, file).unwrap_err();
    assert_eq!(failure.exit(), crate::failure::Exit::Usage);
    failure.text()
}

#[test]
fn without_a_word_it_is_what_the_documents_say() {
    let config = config(&[], &[], None).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8780");
    assert_eq!(config.metrics_listen.unwrap().to_string(), "127.0.0.1:8781");
    assert!(config.data_dir.ends_with("linkspan-data"));
    assert_eq!(config.database.to_string(), config.data_dir.join("linkspan.db").display().to_string());
    assert_eq!(config.reads, Reads::Strong);
    assert_eq!((config.tls, config.threads, config.log.as_str()), (None, 8, "info"));
    let (rules, expected) = (config.rules, Rules::default());
    assert_eq!(rules.directory, Directory::Open);
    assert_eq!(
        (rules.keep_deleted_ms, rules.keep_deleted, rules.creation_deadline_ms),
        (expected.keep_deleted_ms, expected.keep_deleted, expected.creation_deadline_ms)
    );
    let (settings, expected) = (config.settings, Settings::default());
    assert_eq!(
        (settings.delete_wait_ms, settings.unbind_wait_ms, settings.list_active_by_default, settings.debug_signatures),
        (expected.delete_wait_ms, expected.unbind_wait_ms, false, false)
    );
}

#[test]
fn flags_win_over_environment_over_file() {
    let file = Some("listen = \"127.0.0.1:1\"\nthreads = 1\nlog = \"warn\"\n");
    let variables = [("LINKSPAN_LISTEN", "127.0.0.1:2"), ("LINKSPAN_THREADS", "2")];
    let config = config(&["--listen", "127.0.0.1:3"], &variables, file).unwrap();
    assert_eq!((config.listen.port(), config.threads, config.log.as_str()), (3, 2, "warn"));
}

#[test]
fn every_setting_has_all_its_names() {
    let file = "debug_signatures = true\nlist_default_status = \"active\"\nkeep_deleted = \"1h\"\n\
                keep_deleted_count = 5\ndelete_wait = \"1s\"\nunbind_wait = \"0s\"\ncreation_deadline = \"10s\"\n";
    let variables =
        [("LINKSPAN_DIRECTORY", "strict"), ("LINKSPAN_METRICS_LISTEN", "off"), ("LINKSPAN_BATCH_COMMANDS", "1")];
    let read = config(&["--log-format", "json"], &variables, Some(file)).unwrap();
    assert!(read.settings.debug_signatures && read.settings.list_active_by_default);
    assert_eq!((read.rules.keep_deleted_ms, read.rules.keep_deleted), (3_600_000, 5));
    assert_eq!((read.settings.delete_wait_ms, read.settings.unbind_wait_ms), (1000, 0));
    assert_eq!((read.rules.creation_deadline_ms, read.rules.directory), (10_000, Directory::Strict));
    assert_eq!((read.metrics_listen, read.log_format, read.batch_commands), (None, LogFormat::Json, 1));
    assert!(config(&["--debug-signatures"], &[], None).unwrap().settings.debug_signatures);
    let read = config(&["--database", "sqlite:///srv/a.db"], &[], None).unwrap();
    assert_eq!(read.database.to_string(), "/srv/a.db");
}

#[test]
fn a_wrong_value_is_told_with_its_place() {
    assert!(fault(&["--listen", "8780"], &[], None).contains("--listen: `8780` is no address"));
    assert!(fault(&[], &[("LINKSPAN_THREADS", "0")], None).contains("LINKSPAN_THREADS: `0`"));
    let text = fault(&[], &[], Some("directory = \"closed\"\n"));
    assert!(text.contains("`directory` in ") && text.contains("linkspan.toml: `closed`"), "{text}");
    assert!(fault(&[], &[("LINKSPAN_BATCH_COMMANDS", "0")], None).contains("at least one"));
    assert!(fault(&["--plane", "ovn"], &[], None).contains("only simulated and linux"));
    assert!(fault(&["--netd-socket", "/s"], &[], None).contains("needs --plane linux"));
    assert!(fault(&["--reads", "weak"], &[], None).contains("neither strong nor eventual"));
}

#[test]
fn nodes_on_postgresql_name_their_master_key_and_never_show_the_password() {
    let database = ["--database", "postgres://u:secret@h/db"];
    let text = fault(&database, &[], None);
    assert!(text.contains("LINKSPAN_MASTER_KEY_FILE") && text.contains("/dev/urandom"), "{text}");
    let key = [("LINKSPAN_MASTER_KEY_FILE", "/k")];
    let read = config(&database, &key, None).unwrap();
    assert!(matches!(read.database, Database::Postgres(_)) && read.master_key_file.is_some());
    assert!(!format!("{:?}", read.database).contains("secret"));
    let text = read.database.to_string();
    assert!(text.contains("postgres://h:5432/db") && !text.contains("secret"), "{text}");
    for wrong in ["postgres://u:secret@h/db?sslmode=prefer", "postgres:/u:secret@h/db", "mysql://u:secret@h/db"] {
        let text = fault(&["--database", wrong], &key, None);
        assert!(text.contains("database") && !text.contains("secret"), "{text}");
    }
}

#[test]
fn an_unknown_key_is_named() {
    let text = fault(&[], &[], Some("lisen = \"127.0.0.1:1\"\n"));
    assert!(text.contains("unknown key `lisen`") && text.contains("listen"), "{text}");
    assert!(fault(&[], &[], Some("[listen]\n")).contains("`listen` must be a text"));
    assert!(fault(&[], &[], Some("listen = \n")).contains("line 1"));
    assert!(fault(&["--config", "nowhere.toml"], &[], None).contains("nowhere.toml"));
}

#[test]
fn half_a_certificate_is_none() {
    assert!(fault(&["--tls-cert", "a"], &[], None).contains("needs --tls-key"));
    assert!(fault(&["--tls-cert", "a", "--tls-key", "b"], &[], None).contains("needs --tls-listen"));
    let tls = config(&["--tls-listen", "127.0.0.1:8443"], &[], None).unwrap().tls.unwrap();
    assert_eq!((tls.listen.port(), tls.files), (8443, None));
}
