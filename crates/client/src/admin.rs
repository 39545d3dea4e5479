//! Linkspan's administration (`/linkspan/v1/admin/…`), which needs the role admin. The cloud has none of it.

use linkspan_wire::own::{
    AuditPage, ChangeKey, ChangeProject, ChangeUser, CreateDomain, CreateKey, CreateProject, CreateUser, CreatedKey,
    DomainInfo, DomainList, FaultRules, KeyInfo, KeyList, PlaceProject, ProjectInfo, ProjectList, UserInfo, UserList,
    VersionInfo,
};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::error::ClientError;
use crate::transport::Client;

/// The calls of an administrator.
#[derive(Debug, Clone)]
pub struct AdminClient {
    client: Client,
}

impl Client {
    /// The calls of an administrator.
    #[must_use]
    pub fn admin(&self) -> AdminClient {
        AdminClient { client: self.clone() }
    }

    /// Which release answers.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn version(&self) -> Result<VersionInfo, ClientError> {
        self.plain(&Call::new(Method::GET, &["linkspan", "v1", "version"])?).await
    }

    /// Sends a call of Linkspan's own API, whose answers have no envelope.
    pub(crate) async fn plain<T: DeserializeOwned>(&self, call: &Call) -> Result<T, ClientError> {
        self.send(call).await?.plain()
    }
}

/// The query of a page of the audit trail.
pub(crate) fn audit_page(call: Call, limit: usize, before: Option<&str>) -> Call {
    let limit = limit.to_string();
    call.parameters(&[("limit", Some(&limit)), ("before", before)])
}

impl AdminClient {
    /// The domains.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_domains(&self) -> Result<Vec<DomainInfo>, ClientError> {
        Ok(self.get::<DomainList>(&["domains"]).await?.domains)
    }

    /// Creates a domain.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_domain(&self, new: &CreateDomain) -> Result<DomainInfo, ClientError> {
        self.post("domains", new).await
    }

    /// The projects of every domain.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_projects(&self) -> Result<Vec<ProjectInfo>, ClientError> {
        Ok(self.get::<ProjectList>(&["projects"]).await?.projects)
    }

    /// Creates a project.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_project(&self, new: &CreateProject) -> Result<ProjectInfo, ClientError> {
        self.post("projects", new).await
    }

    /// Lets a project be called, or no more.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn enable_project(&self, id: &str, enabled: bool) -> Result<(), ClientError> {
        self.patch(&["projects", id], &ChangeProject { enabled }).await
    }

    /// Puts a project's queues and networks on a node's host.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn place_project(&self, id: &str, place: &PlaceProject) -> Result<ProjectInfo, ClientError> {
        // Placing what is placed there changes nothing.
        let call = self.call(Method::PUT, &["projects", id, "node"])?.json(place)?.repeatable();
        self.client.plain(&call).await
    }

    /// The users of every domain.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_users(&self) -> Result<Vec<UserInfo>, ClientError> {
        Ok(self.get::<UserList>(&["users"]).await?.users)
    }

    /// Creates a user.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_user(&self, new: &CreateUser) -> Result<UserInfo, ClientError> {
        self.post("users", new).await
    }

    /// Changes a user; what the change leaves out stays.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn change_user(&self, id: &str, change: &ChangeUser) -> Result<(), ClientError> {
        self.patch(&["users", id], change).await
    }

    /// Removes a user and its keys.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_user(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&["users", id]).await
    }

    /// The access keys of every user, without their secrets.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_keys(&self) -> Result<Vec<KeyInfo>, ClientError> {
        Ok(self.get::<KeyList>(&["keys"]).await?.keys)
    }

    /// Creates an access key; its secret is in this answer and in no other.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_key(&self, new: &CreateKey) -> Result<CreatedKey, ClientError> {
        self.post("keys", new).await
    }

    /// Makes a key work, or no more.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn enable_key(&self, id: &str, enabled: bool) -> Result<(), ClientError> {
        self.patch(&["keys", id], &ChangeKey { enabled }).await
    }

    /// Removes a key.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_key(&self, id: &str) -> Result<(), ClientError> {
        self.delete(&["keys", id]).await
    }

    /// A page of what administrators changed, newest first; `before` is the `next` of another page.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn audit(&self, limit: usize, before: Option<&str>) -> Result<AuditPage, ClientError> {
        let call = self.call(Method::GET, &["audit"])?;
        self.client.plain(&audit_page(call, limit, before)).await
    }

    /// The faults of the simulated plane that are in force.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn faults(&self) -> Result<FaultRules, ClientError> {
        self.get(&["plane", "faults"]).await
    }

    /// Replaces all faults of the simulated plane.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_faults(&self, rules: &FaultRules) -> Result<(), ClientError> {
        let call = self.call(Method::PUT, &["plane", "faults"])?.json(rules)?;
        self.client.send(&call).await.map(drop)
    }

    fn call(&self, method: Method, rest: &[&str]) -> Result<Call, ClientError> {
        Call::new(method, &[&["linkspan", "v1", "admin"], rest].concat())
    }

    async fn get<T: DeserializeOwned>(&self, rest: &[&str]) -> Result<T, ClientError> {
        self.client.plain(&self.call(Method::GET, rest)?).await
    }

    async fn post<T: DeserializeOwned>(&self, rest: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.client.plain(&self.call(Method::POST, &[rest])?.json(body)?).await
    }

    async fn patch(&self, rest: &[&str], body: &impl Serialize) -> Result<(), ClientError> {
        // Setting what is set changes nothing.
        let call = self.call(Method::PATCH, rest)?.json(body)?.repeatable();
        self.client.send(&call).await.map(drop)
    }

    async fn delete(&self, rest: &[&str]) -> Result<(), ClientError> {
        self.client.send(&self.call(Method::DELETE, rest)?).await.map(drop)
    }
}
