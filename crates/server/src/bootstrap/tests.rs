use std::sync::Arc;

use linkspan_engine::{Access, Options, RandomIds, SystemClock};
use linkspan_testkit::memory::MemoryStore;
use tempfile::TempDir;

use super::*;
use crate::auth::{Login, samples};

struct Stage {
    engine: Engine,
    keys: Keys,
    directory: TempDir,
}

impl Stage {
    async fn open() -> Self {
        let options = Options::new(crate::render_row, Arc::new(SystemClock), Arc::new(RandomIds));
        let engine = Engine::open(Arc::new(MemoryStore::default()), options).await.unwrap();
        Self { engine, keys: samples::keys(), directory: tempfile::tempdir().unwrap() }
    }

    fn maker(&self) -> Maker<'_> {
        Maker { engine: &self.engine, keys: &self.keys, clock: &SystemClock, ids: &RandomIds }
    }

    fn place(&self) -> CredentialsPlace {
        let path = self.directory.path().join("credentials.json");
        CredentialsPlace { path, endpoint: "http://127.0.0.1:1".into(), region: "cn-north-4".into() }
    }

    /// Whether the credentials open the project that they name, for an administrator with that password.
    async fn opens(&self, credentials: &Credentials) -> bool {
        let state = Arc::clone(&self.engine.view());
        let key = state.key(&credentials.access_key.parse().unwrap()).unwrap();
        assert_eq!(self.keys.unseal(&key.secret).unwrap().expose_secret(), credentials.secret_key.expose_secret());
        let principal = state.principal_of_key(&key.id).unwrap();
        let user = state.user(principal.user()).unwrap();
        let login = Login { who: "u", from: None, hash: user.password_hash.as_deref() };
        let right = self.keys.check_password(&login, &credentials.password).await;
        right.is_ok()
            && state.scope(&principal, &credentials.project_id, Access::Write).is_ok()
            && state.admin_scope(&principal, Access::Write).is_ok()
    }
}

#[tokio::test]
async fn the_first_start_makes_identities_and_the_next_ones_none() {
    let stage = Stage::open().await;
    let place = stage.place();
    let made = first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap().unwrap();
    assert!(stage.opens(&made).await);
    assert_eq!((made.project_name.as_str(), made.user_name.as_str()), ("cn-north-4", "admin"));
    let text = std::fs::read_to_string(&place.path).unwrap();
    assert!(!crate::auth::private_file::is_open_to_others(&place.path));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let fields: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    let expected =
        "access_key domain_id domain_name endpoint password project_id project_name region secret_key user_name";
    assert_eq!(fields.join(" "), expected);
    assert!(stage.opens(&Credentials::read(&place.path).unwrap()).await);
    let again = first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap();
    assert!(again.is_none());
    assert_eq!(std::fs::read_to_string(&place.path).unwrap(), text);
}

/// The files in the directory of the credentials.
fn files(stage: &Stage) -> Vec<String> {
    let entries = std::fs::read_dir(stage.directory.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn of_two_nodes_that_start_in_one_directory_the_loser_leaves_the_file_alone() {
    for _ in 0..20 {
        let stage = Stage::open().await;
        let place = stage.place();
        let start = async || first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap();
        let (one, two) = tokio::join!(start(), start());
        assert!(one.is_some() != two.is_some(), "one of them makes the identities");
        assert_eq!(files(&stage), ["credentials.json"]);
        let made = one.or(two).unwrap();
        let kept = Credentials::read(&place.path).unwrap();
        assert_eq!((kept.access_key.as_str(), stage.opens(&kept).await), (made.access_key.as_str(), true));
    }
}

#[tokio::test]
async fn a_start_that_broke_off_is_sorted_out_by_the_next() {
    let stage = Stage::open().await;
    let place = stage.place();
    let made = first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap().unwrap();
    // It went as far as the store, and another one not even there.
    std::fs::rename(&place.path, draft::path(&place.path, 1)).unwrap();
    let stranger = Credentials { secret_key: "guessed".into(), ..made.clone() };
    stranger.write(&draft::path(&place.path, 2)).unwrap();
    assert!(first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap().is_none());
    assert_eq!(files(&stage), ["credentials.json"]);
    assert!(stage.opens(&Credentials::read(&place.path).unwrap()).await);
}

#[tokio::test]
async fn wishes_are_granted_or_refused_before_anything_is_made() {
    let stage = Stage::open().await;
    let place = stage.place();
    type Change = fn(&mut BootstrapWishes);
    let cases: [(&str, Change); 6] = [
        ("domain_id", |wishes| wishes.domain_id = Some("a-b".into())),
        ("project_name", |wishes| wishes.project_name = Some(" a".into())),
        ("access_key", |wishes| wishes.access_key = Some("a, b".into())),
        ("secret_key", |wishes| wishes.secret_key = Some("".into())),
        ("user_name", |wishes| wishes.user_name = Some("a\nb".into())),
        ("project_id", |wishes| wishes.project_id = Some(String::new())),
    ];
    for (name, change) in cases {
        let mut wishes = BootstrapWishes::default();
        change(&mut wishes);
        let refused = first_start(&stage.maker(), wishes, &place).await.unwrap_err();
        assert!(matches!(refused, BootstrapError::Wish { name: found, .. } if found == name), "{name}: {refused}");
    }
    assert!(stage.engine.view().is_unborn() && !place.path.exists());
    let wishes = BootstrapWishes {
        project_id: Some("0a1b".into()),
        access_key: Some("MYKEY".into()),
        secret_key: Some("mysecret".into()),
        password: Some("mypassword".into()),
        ..BootstrapWishes::default()
    };
    let made = first_start(&stage.maker(), wishes, &place).await.unwrap().unwrap();
    assert_eq!((made.project_id.as_str(), made.access_key.as_str()), ("0a1b", "MYKEY"));
    assert!(stage.opens(&made).await);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_leaves_the_store_unborn() {
    let stage = Stage::open().await;
    let place = CredentialsPlace { path: stage.directory.path().join("no/such/directory/x.json"), ..stage.place() };
    let refused = first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap_err();
    assert!(matches!(refused, BootstrapError::File { .. }));
    assert!(stage.engine.view().is_unborn());
}

#[tokio::test]
async fn a_lost_administrator_is_reset_even_after_a_lost_master_key() {
    let mut stage = Stage::open().await;
    let place = stage.place();
    assert!(matches!(reset_admin(&stage.maker(), &place).await, Err(BootstrapError::Nobody)));
    let first = first_start(&stage.maker(), BootstrapWishes::default(), &place).await.unwrap().unwrap();
    stage.keys.prepare(&stage.engine).await.unwrap();
    stage.keys = samples::keys();
    assert!(stage.keys.prepare(&stage.engine).await.is_err(), "another master key");
    let reset = reset_admin(&stage.maker(), &place).await.unwrap();
    assert_ne!(reset.access_key, first.access_key);
    assert_eq!((&reset.project_id, &reset.user_name), (&first.project_id, &first.user_name));
    assert!(stage.opens(&reset).await);
    stage.keys.prepare(&stage.engine).await.unwrap();
}

#[test]
fn the_endpoint_is_noted_where_there_is_a_file_and_nobody_chose_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("credentials.json");
    Credentials::note_endpoint(&path, "http://127.0.0.1:1").unwrap();
    assert!(!path.exists());
    let text = |name: &str| name.to_owned();
    let mut credentials = Credentials {
        endpoint: text("http://127.0.0.1:1"),
        region: text("r"),
        domain_id: text("d"),
        domain_name: text("d"),
        project_id: text("p"),
        project_name: text("p"),
        user_name: text("u"),
        password: "hidden".into(),
        access_key: text("AK"),
        secret_key: "hidden".into(),
    };
    credentials.write(&path).unwrap();
    Credentials::note_endpoint(&path, "http://127.0.0.1:2").unwrap();
    let read = Credentials::read(&path).unwrap();
    assert_eq!((read.endpoint.as_str(), read.secret_key.expose_secret()), ("http://127.0.0.1:2", "hidden"));
    assert!(!crate::auth::private_file::is_open_to_others(&path));
    assert!(!format!("{read:?}").contains("hidden"));
    for chosen in ["https://127.0.0.1:1", "http://linkspan.test:8780", "https://linkspan.test/"] {
        credentials.endpoint = text(chosen);
        credentials.write(&path).unwrap();
        Credentials::note_endpoint(&path, "http://127.0.0.1:2").unwrap();
        assert_eq!(Credentials::read(&path).unwrap().endpoint, chosen);
    }
}
