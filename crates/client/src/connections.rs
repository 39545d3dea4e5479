//! Enhanced datasource connections (dli_02_0187 to dli_02_0192, dli_02_0200).

use linkspan_wire::decode::{ConnectionInfo, ConnectionList, CreatedConnection, ShownConnection};
use linkspan_wire::{BindRequest, CreateConnection, Limit, ListConnectionsQuery, UnbindRequest, UpdateHosts};
use reqwest::Method;

use crate::answer::Page;
use crate::call::Call;
use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// A page of the connections (dli_02_0190), newest first unless the query says otherwise.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_connections(&self, query: &ListConnectionsQuery) -> Result<Page<ConnectionInfo>, ClientError> {
        let call = self.connections(Method::GET, &[])?.query(query.to_query());
        let answer = self.send(&call).await?;
        let list: ConnectionList = answer.decode()?;
        Ok(answer.page(list.connections, None))
    }

    /// Every connection that the query's filters let through, at one instant (`limit=0`).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn all_connections(&self, query: &ListConnectionsQuery) -> Result<Page<ConnectionInfo>, ClientError> {
        let query = ListConnectionsQuery { limit: Limit::All, offset: 0, ..query.clone() };
        self.list_connections(&query).await
    }

    /// One connection (dli_02_0189); a deleted one is shown too while it is kept.
    ///
    /// # Errors
    /// Any [`ClientError`]; an unknown one is [`FailureKind::NotFound`](crate::FailureKind::NotFound).
    pub async fn show_connection(&self, id: &str) -> Result<ConnectionInfo, ClientError> {
        let call = self.connections(Method::GET, &[id])?;
        let shown: ShownConnection = self.send(&call).await?.decode()?;
        Ok(shown.connection)
    }

    /// Creates a connection (dli_02_0187) and answers its id. Its peers are still being made then.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_connection(&self, new: &CreateConnection) -> Result<String, ClientError> {
        let call = self.connections(Method::POST, &[])?.json(new)?;
        let answer = self.send(&call).await?;
        let created: CreatedConnection = answer.decode()?;
        if created.connection_id.is_empty() {
            let reason = "there is no connection_id".to_owned();
            return Err(ClientError::Decode { call: call.name(), reason });
        }
        Ok(created.connection_id)
    }

    /// Deletes a connection (dli_02_0188), whatever it binds.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_connection(&self, id: &str) -> Result<(), ClientError> {
        let call = self.connections(Method::DELETE, &[id])?;
        self.change(&call).await.map(drop)
    }

    /// Replaces all host records (dli_02_0200).
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn set_hosts(&self, id: &str, hosts: &UpdateHosts) -> Result<(), ClientError> {
        let call = self.connections(Method::PUT, &[id])?.json(hosts)?;
        self.change(&call).await.map(drop)
    }

    /// Binds queues and pools (dli_02_0191) and answers what the server says about it.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn bind(&self, id: &str, names: &BindRequest) -> Result<String, ClientError> {
        self.change_bindings(id, "associate-queue", names).await
    }

    /// Unbinds queues and pools (dli_02_0192) and answers what the server says about it.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn unbind(&self, id: &str, names: &UnbindRequest) -> Result<String, ClientError> {
        self.change_bindings(id, "disassociate-queue", names).await
    }

    /// Binding what is bound and unbinding what is not change nothing, so both may be repeated.
    async fn change_bindings(&self, id: &str, action: &str, names: &BindRequest) -> Result<String, ClientError> {
        let call = self.connections(Method::POST, &[id, action])?.json(names)?.repeatable();
        self.change(&call).await
    }

    fn connections(&self, method: Method, rest: &[&str]) -> Result<Call, ClientError> {
        self.call(method, "v2.0", &[&["datasource", "enhanced-connections"], rest].concat())
    }
}
