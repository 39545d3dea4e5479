use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

const CREDENTIALS: &str = r#"{"endpoint":"http://127.0.0.1:8780","region":"cn-north-4","domain_id":"d","domain_name":"dn",
"project_id":"pfile","project_name":"cn-north-4","user_name":"u","password":"word","access_key":"AKfile","secret_key":"SKfile"}"#;

const PROFILES: &str = r#"
default = "second"
[profiles.first]
endpoint = "http://127.0.0.1:1"
region = "cn-north-4"
access_key = "AKfirst"
secret_key = "SKfirst"
[profiles.second]
endpoint = "http://127.0.0.1:2"
project_id = "psecond"
access_key = "AKsecond"
secret_key = "SKsecond"
[profiles.half]
access_key = "AKhalf"
"#;

/// A directory with a credentials file and profiles, each if wanted.
fn home(credentials: bool, profiles: Option<&str>) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    if credentials {
        fs::create_dir(home.path().join(DEFAULT_DIRECTORY)).unwrap();
        fs::write(home.path().join(DEFAULT_DIRECTORY).join(FILE_NAME), CREDENTIALS).unwrap();
    }
    if let Some(text) = profiles {
        fs::create_dir(home.path().join("linkspan")).unwrap();
        fs::write(home.path().join("linkspan/config.toml"), text).unwrap();
    }
    home
}

fn environment(home: &Path, variables: &[(&str, &str)]) -> Environment {
    let config_home = home.display().to_string();
    Environment::of(&[&[("XDG_CONFIG_HOME", config_home.as_str())], variables].concat(), home)
}

/// Endpoint, access key and project, as found.
fn found(options: &ClientOptions, environment: &Environment) -> Result<(String, String, Option<String>), Failure> {
    let target = Target::find(options, environment)?;
    let config = target.client().config();
    let Credentials::Key { access_key, .. } = &config.credentials else { panic!("no key") };
    Ok((config.endpoints.dli.to_string(), access_key.clone(), target.project_id.or(target.region)))
}

const ALL_SET: [(&str, &str); 4] = [
    ("LINKSPAN_ENDPOINT", "http://127.0.0.1:3"),
    ("HUAWEICLOUD_SDK_AK", "AKenv"),
    ("HUAWEICLOUD_SDK_SK", "SKenv"),
    ("HUAWEICLOUD_SDK_PROJECT_ID", "penv"),
];

fn expect(options: &ClientOptions, environment: &Environment, (endpoint, key, project): (u16, &str, &str)) {
    let expected = (format!("http://127.0.0.1:{endpoint}"), key.to_owned(), Some(project.to_owned()));
    assert_eq!(found(options, environment).unwrap(), expected);
}

#[test]
fn a_server_s_own_directory_is_enough() {
    let home = home(true, None);
    expect(&ClientOptions::default(), &environment(home.path(), &[]), (8780, "AKfile", "pfile"));
}

#[test]
fn each_place_wins_over_the_ones_after_it() {
    let home = home(true, Some(PROFILES));
    let bare = ClientOptions::default();
    expect(&bare, &environment(home.path(), &[]), (2, "AKsecond", "psecond"));
    expect(&bare, &environment(home.path(), &ALL_SET), (3, "AKenv", "penv"));
    let first = ClientOptions { profile: Some("first".into()), ..ClientOptions::default() };
    expect(&first, &environment(home.path(), &ALL_SET), (1, "AKfirst", "cn-north-4"));
    let by_variable = [&ALL_SET[..], &[("LINKSPAN_PROFILE", "first")]].concat();
    expect(&bare, &environment(home.path(), &by_variable), (1, "AKfirst", "cn-north-4"));
    let flags =
        ClientOptions { endpoint: Some("http://127.0.0.1:9".into()), project_id: Some("pflag".into()), ..first };
    expect(&flags, &environment(home.path(), &ALL_SET), (9, "AKfirst", "pflag"));
    let file = home.path().join(DEFAULT_DIRECTORY).join(FILE_NAME);
    let file = ClientOptions { credentials: Some(file), ..ClientOptions::default() };
    expect(&file, &environment(home.path(), &ALL_SET), (8780, "AKfile", "pfile"));
}

#[test]
fn half_a_key_is_none() {
    let home = home(true, Some(PROFILES));
    let half = [("HUAWEICLOUD_SDK_AK", "AKenv")];
    expect(&ClientOptions::default(), &environment(home.path(), &half), (2, "AKsecond", "psecond"));
    let options = ClientOptions { profile: Some("half".into()), ..ClientOptions::default() };
    let failure = found(&options, &environment(home.path(), &[])).unwrap_err();
    assert!(failure.text().contains("only one of access_key and secret_key"), "{}", failure.text());
}

#[test]
fn what_is_missing_is_said_with_a_way_on() {
    let home = home(false, None);
    let failure = found(&ClientOptions::default(), &environment(home.path(), &[])).unwrap_err();
    assert_eq!(failure.exit(), Exit::Usage);
    assert!(failure.text().contains("no endpoint") && failure.text().contains("linkspan serve"), "{}", failure.text());
}

#[test]
fn an_unknown_profile_and_an_unknown_key_are_named() {
    let home = home(false, Some(PROFILES));
    let options = ClientOptions { profile: Some("third".into()), ..ClientOptions::default() };
    let text = found(&options, &environment(home.path(), &[])).unwrap_err().text();
    assert!(text.contains("`third`") && text.contains("first, half, second"), "{text}");
    fs::write(home.path().join("linkspan/config.toml"), "[profiles.a]\nendpont = \"x\"\n").unwrap();
    let text = found(&ClientOptions::default(), &environment(home.path(), &[])).unwrap_err().text();
    assert!(text.contains("endpont"), "{text}");
}

#[test]
fn a_refusal_says_where_the_parts_came_from() {
    let home = home(true, None);
    let target = Target::find(&ClientOptions::default(), &environment(home.path(), &ALL_SET[..1])).unwrap();
    let refused = explained(Failure::new(Exit::Refused, "no"), &target.origin);
    assert!(refused.text().contains("endpoint from the environment, key from "), "{}", refused.text());
    assert_eq!(explained(Failure::failed("no"), &target.origin).text(), "error: no");
}
