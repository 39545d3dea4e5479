//! `linkspan key …`

use clap::Subcommand;
use linkspan_client::Client;
use linkspan_model::ActionPattern;
use linkspan_wire::own::{CreateKey, CreatedKey, FreeText, KeyInfo, Role};
use serde::Serialize;

use super::{Act, parsed, project, user};
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
        #[arg(long, conflicts_with = "actions")]
        read_only: bool,
        /// It may only do this, such as dli:*:list; may be given several times
        #[arg(long = "action", value_name = "ACTION")]
        actions: Vec<String>,
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
            Self::Create { user, read_only, actions, description } => {
                let user_id = match user {
                    Some(word) => Some(user::find(target.client(), word).await?.id),
                    None => None,
                };
                let actions = action_patterns(actions)?;
                let role = read_only.then_some(Role::ReadOnly);
                let wrong = |invalid| Failure::usage(format!("--description: {invalid}"));
                let description = FreeText::try_from(description.clone()).map_err(wrong)?;
                let created = admin.create_key(&CreateKey { user_id, role, actions, description }).await?;
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

/// None if none is named.
fn action_patterns(words: &[String]) -> Result<Option<Vec<ActionPattern>>, Failure> {
    let patterns: Result<Vec<_>, _> = words.iter().map(|word| parsed("--action", word)).collect();
    Ok(Some(patterns?).filter(|patterns| !patterns.is_empty()))
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
            role(&self.0).into(),
            project::enabled(self.0.enabled),
            age(created, now).into(),
            Cell::or_dash(&self.0.description),
            exact(created).into(),
        ]
    }
}

fn role(key: &KeyInfo) -> String {
    match key.role {
        Role::Full => "full".to_owned(),
        Role::ReadOnly => "read_only".to_owned(),
        Role::Actions => key.actions.iter().map(ActionPattern::as_str).collect::<Vec<_>>().join(","),
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
            ("Role", role(&self.0.key).into()),
        ]
    }
}
