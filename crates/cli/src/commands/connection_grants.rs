//! `linkspan connection grant|revoke|privileges`

use clap::Args;
use linkspan_client::{PrivilegeInfo, ProjectClient};
use serde::Serialize;

use super::connection::id_of;
use crate::failure::Failure;
use crate::output::{Cell, Output, Row};

/// A connection, and projects.
#[derive(Debug, Args)]
pub(crate) struct Grantees {
    /// Name or id of the connection
    connection: String,
    /// Ids of the projects, of whatever domain
    #[arg(required = true, value_name = "PROJECT_ID")]
    projects: Vec<String>,
}

impl Grantees {
    pub(crate) async fn grant(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let id = id_of(project, &self.connection).await?;
        for grantee in &self.projects {
            project.grant(&id, grantee).await?;
            output.done(grantee, "granted")?;
        }
        Ok(())
    }

    pub(crate) async fn revoke(&self, project: &ProjectClient, output: &Output) -> Result<(), Failure> {
        let id = id_of(project, &self.connection).await?;
        for grantee in &self.projects {
            project.revoke(&id, grantee).await?;
            output.done(grantee, "revoked")?;
        }
        Ok(())
    }
}

/// Lists the projects that a connection is granted to.
pub(crate) async fn list(project: &ProjectClient, connection: &str, output: &Output) -> Result<(), Failure> {
    let granted = project.privileges(&id_of(project, connection).await?).await?;
    output.list(&granted.into_iter().map(GrantRow).collect::<Vec<_>>())
}

/// A grant as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct GrantRow(PrivilegeInfo);

impl Row for GrantRow {
    const PLURAL: &'static str = "grants";
    const COLUMNS: &'static [(&'static str, bool)] = &[("PROJECT", false), ("PRIVILEGES", false)];

    fn name(&self) -> String {
        self.0.grantee().to_owned()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.0.grantee().into(), self.0.privileges.join(",").as_str().into()]
    }
}
