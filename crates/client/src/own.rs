//! What Linkspan knows about a project and the cloud does not say (`/linkspan/v1/{project_id}/…`): the directory of
//! networks, the audit trail, connections with all their peers, and taking things over from elsewhere.

use linkspan_wire::own::{
    AuditPage, BindNetwork, ConnectionDetail, CreateSubnet, CreateVpc, DiagnoseRequest, Diagnosis, ImportAnswer,
    ImportRequest, NetworkBindingInfo, NetworkBindingList, PreflightAnswer, PreflightRequest, SubnetInfo, SubnetList,
    Topology, VpcInfo, VpcList,
};
use reqwest::Method;

use crate::admin::audit_page;
use crate::call::Call;
use crate::error::ClientError;
use crate::project::ProjectClient;

impl ProjectClient {
    /// A connection with every peer, its tags and what its peers wait for.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn connection_detail(&self, id: &str) -> Result<ConnectionDetail, ClientError> {
        self.client().plain(&self.own(Method::GET, &["connections", id])?).await
    }

    /// The VPCs of the directory.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_vpcs(&self) -> Result<Vec<VpcInfo>, ClientError> {
        let list: VpcList = self.client().plain(&self.own(Method::GET, &["networks", "vpcs"])?).await?;
        Ok(list.vpcs)
    }

    /// Registers a VPC.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_vpc(&self, new: &CreateVpc) -> Result<VpcInfo, ClientError> {
        self.client().plain(&self.own(Method::POST, &["networks", "vpcs"])?.json(new)?).await
    }

    /// Takes a VPC out of the directory.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_vpc(&self, id: &str) -> Result<(), ClientError> {
        self.send(&self.own(Method::DELETE, &["networks", "vpcs", id])?).await.map(drop)
    }

    /// The subnets of the directory.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_subnets(&self) -> Result<Vec<SubnetInfo>, ClientError> {
        let list: SubnetList = self.client().plain(&self.own(Method::GET, &["networks", "subnets"])?).await?;
        Ok(list.subnets)
    }

    /// Registers a subnet.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_subnet(&self, new: &CreateSubnet) -> Result<SubnetInfo, ClientError> {
        self.client().plain(&self.own(Method::POST, &["networks", "subnets"])?.json(new)?).await
    }

    /// Takes a subnet out of the directory.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn delete_subnet(&self, id: &str) -> Result<(), ClientError> {
        self.send(&self.own(Method::DELETE, &["networks", "subnets", id])?).await.map(drop)
    }

    /// What the project's networks are bound to.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_network_bindings(&self) -> Result<Vec<NetworkBindingInfo>, ClientError> {
        let call = self.own(Method::GET, &["networks", "bindings"])?;
        let list: NetworkBindingList = self.client().plain(&call).await?;
        Ok(list.bindings)
    }

    /// Binds a network to a name that the administrator of the plane's host allows.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn bind_network(&self, network: &str, bind: &BindNetwork) -> Result<NetworkBindingInfo, ClientError> {
        self.client().plain(&self.own(Method::PUT, &["networks", "bindings", network])?.json(bind)?).await
    }

    /// Takes back what a network is bound to.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn unbind_network(&self, network: &str) -> Result<(), ClientError> {
        self.send(&self.own(Method::DELETE, &["networks", "bindings", network])?).await.map(drop)
    }

    /// A page of what users changed in the project, newest first; `before` is the `next` of another page.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn audit(&self, limit: usize, before: Option<&str>) -> Result<AuditPage, ClientError> {
        let call = self.own(Method::GET, &["audit"])?;
        self.client().plain(&audit_page(call, limit, before)).await
    }

    /// Takes over things from elsewhere with their ids and times, or says what would become of them; at most
    /// [`ImportRequest::MOST`] a call. Repeating it changes nothing more.
    ///
    /// # Errors
    /// Any [`ClientError`]; what becomes of a single thing is no error.
    pub async fn import(&self, things: &ImportRequest, dry_run: bool) -> Result<ImportAnswer, ClientError> {
        let dry_run = dry_run.then_some("true");
        let call = self.own(Method::POST, &["import"])?.parameters(&[("dry_run", dry_run)]).json(things)?;
        self.client().plain(&call.repeatable()).await
    }

    /// What creating, binding or routing would meet; nothing is made.
    ///
    /// # Errors
    /// Any [`ClientError`]; that the call would be refused is no error.
    pub async fn preflight(&self, call: &PreflightRequest) -> Result<PreflightAnswer, ClientError> {
        self.client().plain(&self.own(Method::POST, &["preflight"])?.json(call)?.repeatable()).await
    }

    /// Tries the way from a queue or pool to an address, and names what stands in it; nothing is changed.
    ///
    /// # Errors
    /// Any [`ClientError`]; that the address can't be reached is no error.
    pub async fn diagnose(&self, asked: &DiagnoseRequest) -> Result<Diagnosis, ClientError> {
        self.client().plain(&self.own(Method::POST, &["diagnose"])?.json(asked)?.repeatable()).await
    }

    /// The project's networks as a graph: at most `limit` things of each kind, and what their edges lead to.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn topology(&self, limit: usize) -> Result<Topology, ClientError> {
        let limit = limit.to_string();
        let call = self.own(Method::GET, &["topology"])?.parameters(&[("limit", Some(&limit))]);
        self.client().plain(&call).await
    }

    fn own(&self, method: Method, rest: &[&str]) -> Result<Call, ClientError> {
        let segments = [&["linkspan", "v1", self.id()], rest].concat();
        Ok(Call::new(method, &segments)?.project(self.id()))
    }
}
