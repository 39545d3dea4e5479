//! `linkspan key …`

use clap::Subcommand;
use linkspan_client::Client;
use linkspan_wire::own::{CreateKey, CreatedKey, FreeText, KeyInfo, Role};
use serde::Serialize;

use super::{Act, project, user};
use crate::failure::Failure;
use crate::output::{Cell, Output, Row, age, exact};
use crate::profile::Target;

/// What to do with access keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List access keys, without their secrets
    #[command(visible_alias = "ls")]
    List,
    /// Create an access key and show its secret, once
    Create {
        /// Name or id of its user; without one the caller
        #[arg(long)]
        user: Option<String>,
        /// It may only read
        #[arg(long)]
        read_only: bool,
        /// Free text
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: String,
    },
    /// Let a key work again
    Enable {
        /// Its id
        key: String,
    },
    /// Let a key work no more
    Disable {
        /// Its id
        key: String,
    },
    /// Remove keys for good
    #[command(visible_alias = "rm")]
    Delete {
        /// Their ids
        #[arg(required = true)]
        keys: Vec<String>,
    },
}

impl Act for Action {
    async fn act(&self, target: &Target, output: &Output) -> Result<(), Failure> {
        let admin = target.client().admin();
        match self {
            Self::List => output.list(&admin.list_keys().await?.into_iter().map(KeyRow).collect::<Vec<_>>()),
            Self::Create { user, read_only, description } => {
                let user_id = match user {
                    Some(word) => Some(user::find(target.client(), word).await?.id),
                    None => None,
                };
                let role = if *read_only { Role::ReadOnly } else { Role::Full };
                let wrong = |invalid| Failure::usage(format!("--description: {invalid}"));
                let description = FreeText::try_from(description.clone()).map_err(wrong)?;
                let created = admin.create_key(&CreateKey { user_id, role, description }).await?;
                output.one(&NewKeyRow(created))
            }
            Self::Enable { key } => enable(target.client(), (key, true), output).await,
            Self::Disable { key } => enable(target.client(), (key, false), output).await,
            Self::Delete { keys } => {
                for key in keys {
                    admin.delete_key(key).await?;
                    output.done(key, "deleted")?;
                }
                Ok(())
            }
        }
    }
}

async fn enable(client: &Client, (key, enabled): (&str, bool), output: &Output) -> Result<(), Failure> {
    client.admin().enable_key(key, enabled).await?;
    output.done(key, if enabled { "enabled" } else { "disabled" })
}

/// A key as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct KeyRow(KeyInfo);

impl Row for KeyRow {
    const PLURAL: &'static str = "access keys";
    const COLUMNS: &'static [(&'static str, bool)] = &[
        ("ACCESS KEY", false),
        ("USER", false),
        ("ROLE", false),
        ("STATE", false),
        ("AGE", false),
        ("DESCRIPTION", false),
        ("CREATED", true),
    ];

    fn name(&self) -> String {
        self.0.id.to_string()
    }

    fn cells(&self, _wide: bool, now: i64) -> Vec<Cell> {
        let created = self.0.create_time.0;
        vec![
            self.0.id.as_str().into(),
            self.0.user_id.as_str().into(),
            role(self.0.role).into(),
            project::enabled(self.0.enabled),
            age(created, now).into(),
            Cell::or_dash(&self.0.description),
            exact(created).into(),
        ]
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Full => "full",
        Role::ReadOnly => "read_only",
    }
}

/// A key with its secret, which no other answer will hold.
#[derive(Serialize)]
#[serde(transparent)]
struct NewKeyRow(CreatedKey);

impl Row for NewKeyRow {
    const PLURAL: &'static str = KeyRow::PLURAL;
    const COLUMNS: &'static [(&'static str, bool)] = &[];

    fn name(&self) -> String {
        self.0.key.id.to_string()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        Vec::new()
    }

    fn details(&self, _now: i64) -> Vec<(&'static str, Cell)> {
        vec![
            ("Access key", self.0.key.id.as_str().into()),
            ("Secret key", format!("{}  (shown this once)", self.0.secret.expose()).into()),
            ("User", self.0.key.user_id.as_str().into()),
            ("Role", role(self.0.key.role).into()),
        ]
    }
}
