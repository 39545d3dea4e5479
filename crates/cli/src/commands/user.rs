//! `linkspan user …`

use clap::{Args, Subcommand};
use linkspan_client::Client;
use linkspan_model::ProjectId;
use linkspan_wire::Secret;
use linkspan_wire::own::{ChangeUser, CreateUser, UserInfo};
use serde::Serialize;

use super::{Act, domain, named, project};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the users of every domain
    #[command(visible_alias = "ls")]
    List,
    /// Create a user
    Create(Create),
    /// Change a user; what is not named stays
    Change(Change),
    /// Remove users and their keys
    #[command(visible_alias = "rm")]
    Delete {
        /// Their names or ids
        #[arg(required = true)]
        users: Vec<String>,
    },
}

/// A new user.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Name or id of its domain; without one the caller's
    #[arg(long)]
    domain: Option<String>,
    /// It may administer the store
    #[arg(long)]
    admin: bool,
    /// Name or id of a project it may call; several may be given, without any it may call all of its domain
    #[arg(long = "project", value_name = "PROJECT")]
    projects: Vec<String>,
    /// Read its password from standard input; without one it can't log in by password
    #[arg(long)]
    password_stdin: bool,
}

/// Changes of a user.
#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its name or id
    user: String,
    /// Whether its keys and tokens work
    #[arg(long, value_name = "true|false")]
    enabled: Option<bool>,
    /// Whether it may administer the store
    #[arg(long, value_name = "true|false")]
    admin: Option<bool>,
    /// It may call every project of its domain
    #[arg(long, conflicts_with = "projects")]
    all_projects: bool,
    /// Name or id of a project it may call; it may call no other
    #[arg(long = "project", value_name = "PROJECT")]
    projects: Vec<String>,
    /// Read a new password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let client = target.client();
        match self {
            Self::List => {
                let users = client.admin().list_users().await?;
                output.list(&users.into_iter().map(UserRow).collect::<Vec<_>>())
            }
            Self::Create(new) => {
                let request = new.request(client).await?;
                output.one(&UserRow(client.admin().create_user(&request).await?))
            }
            Self::Change(change) => {
                let user = find(client, &change.user).await?;
                let request = change.request(client).await?;
                client.admin().change_user(user.id.as_str(), &request).await?;
                output.done(&user.name, "changed")
            }
            Self::Delete { users } => {
                for word in users {
                    client.admin().delete_user(find(client, word).await?.id.as_str()).await?;
                    output.done(word, "deleted")?;
                }
                Ok(())
            }
        }
    }
}

impl Create {
    async fn request(&self, client: &Client) -> Result<CreateUser, Failure> {
        let domain = domain::find(client, self.domain.as_deref()).await?;
        Ok(CreateUser {
            domain_id: domain.map(|domain| domain.id),
            name: self.name.as_str().into(),
            password: password(self.password_stdin)?,
            admin: self.admin,
            projects: project_ids(client, &self.projects).await?,
        })
    }
}

impl Change {
    async fn request(&self, client: &Client) -> Result<ChangeUser, Failure> {
        Ok(ChangeUser {
            password: password(self.password_stdin)?,
            enabled: self.enabled,
            admin: self.admin,
            all_projects: self.all_projects,
            projects: project_ids(client, &self.projects).await?,
        })
    }
}

/// None if none is named.
async fn project_ids(client: &Client, words: &[String]) -> Result<Option<Vec<ProjectId>>, Failure> {
    let mut ids = Vec::with_capacity(words.len());
    for word in words {
        ids.push(project::find(client, word).await?.id);
    }
    Ok(Some(ids).filter(|ids| !ids.is_empty()))
}

/// A password comes in by a pipe, since anyone on the machine can read a command line.
fn password(wanted: bool) -> Result<Option<Secret>, Failure> {
    if !wanted {
        return Ok(None);
    }
    let text = std::io::read_to_string(std::io::stdin());
    let text = text.map_err(|error| Failure::failed(format!("the password can't be read: {error}")))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::usage("--password-stdin: standard input is empty")),
        password => Ok(Some(Secret::new(password))),
    }
}

/// A user that is named by its name or id.
pub(super) async fn find(client: &Client, word: &str) -> Result<UserInfo, Failure> {
    let users = client.admin().list_users().await?;
    named::pick("user", word, users, |user| (user.id.as_str(), &user.name))
}

/// A user as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct UserRow(UserInfo);

impl Row for UserRow {
    const PLURAL: &'static str = "users";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("NAME", false),
        ("ID", false),
        ("DOMAIN", false),
        ("ROLE", false),
        ("STATE", false),
        ("PROJECTS", false),
        ("AGE", false),
        ("PASSWORD", true),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.name.clone()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let user = &self.0;
        let projects: Vec<&str> = user.projects.iter().map(ProjectId::as_str).collect();
        let created = user.create_time.0;
        vec![
            user.name.as_str().into(),
            user.id.as_str().into(),
            user.domain_id.as_str().into(),
            if user.admin { "admin" } else { "user" }.into(),
            project::enabled(user.enabled),
            if user.all_projects { "all".into() } else { Cell::or_dash(&projects.join(",")) },
            age(created, now).into(),
            if user.has_password { "set" } else { "none" }.into(),
            exact(created).into(),
        ]
    }
}
