//! Custom routes of a connection (dli_02_0371, dli_02_0372), and whom it is granted to (dli_02_0318, dli_02_0256).

use linkspan_wire::decode::{PrivilegeInfo, PrivilegeList};
use linkspan_wire::{AddRoute, Authorize, AuthorizeAction, ObjectPrivileges};
use reqwest::Method;

use crate::call::Call;
use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// Adds a custom route (dli_02_0371). The same one again changes nothing.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn add_route(&self, id: &str, route: &AddRoute) -> Result<(), ClientError> {
        let call = self.routes(Method::POST, id, &[])?.json(route)?.repeatable();
        self.change(&call).await.map(drop)
    }

    /// Deletes a custom route (dli_02_0372).
    ///
    /// # Errors
    /// Any [`ClientError`]; an unknown one is [`FailureKind::NotFound`](crate::FailureKind::NotFound).
    pub async fn delete_route(&self, id: &str, name: &str) -> Result<(), ClientError> {
        let call = self.routes(Method::DELETE, id, &[name])?;
        self.change(&call).await.map(drop)
    }

    /// Grants a connection to another project, of whatever domain, which may then bind its own queues and pools.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn grant(&self, id: &str, project: &str) -> Result<(), ClientError> {
        self.authorize(&on_connection(AuthorizeAction::Grant, id, project)).await
    }

    /// Takes a grant back, and with it all that the project bound.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn revoke(&self, id: &str, project: &str) -> Result<(), ClientError> {
        self.authorize(&on_connection(AuthorizeAction::Revoke, id, project)).await
    }

    /// Changes grants in any way that the call knows (dli_02_0318).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn authorize(&self, change: &Authorize) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, "v1.0", &["authorization"])?.json(change)?;
        self.change(&call).await.map(drop)
    }

    /// The projects that a connection is granted to (dli_02_0256), in the order granted.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn privileges(&self, id: &str) -> Result<Vec<PrivilegeInfo>, ClientError> {
        let call = self.call(Method::GET, "v2.0", &["datasource", "enhanced-connections", id, "privileges"])?;
        let list: PrivilegeList = self.send(&call).await?.decode()?;
        Ok(list.privileges)
    }

    fn routes(&self, method: Method, id: &str, rest: &[&str]) -> Result<Call, ClientError> {
        self.call(method, "v3", &[&["datasource", "enhanced-connections", id, "routes"], rest].concat())
    }
}

fn on_connection(action: AuthorizeAction, id: &str, project: &str) -> Authorize {
    let object = ObjectPrivileges {
        object: format!("{}{id}", ObjectPrivileges::CONNECTION_PREFIX),
        privileges: vec![ObjectPrivileges::BIND_QUEUE.to_owned()],
    };
    Authorize { project_id: Some(project.to_owned()), user_name: None, action, privileges: vec![object] }
}
