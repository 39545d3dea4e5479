//! The identity service: tokens, and which projects a caller has.

use linkspan_wire::decode::{DomainList, NamedInfo, ProjectInfo, ProjectList, TokenBody, TokenInfo};
use linkspan_wire::{CreateToken, Secret};
use reqwest::Method;

use crate::call::Call;
use crate::endpoint::Service;
use crate::error::ClientError;
use crate::transport::Client;

/// A token and what it says.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// What goes into `X-Auth-Token`.
    pub token: Secret,
    /// Whose it is, what it is for, and when it ends.
    pub info: TokenInfo,
}

impl Client {
    /// The projects the caller may use, or only the one of a name; a region's first project bears the region's name.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_projects(&self, name: Option<&str>) -> Result<Vec<ProjectInfo>, ClientError> {
        let call = Call::new(Method::GET, &["v3", "projects"])?.service(Service::Iam).parameters(&[("name", name)]);
        let list: ProjectList = self.send(&call).await?.decode()?;
        Ok(list.projects)
    }

    /// The project of a region; without one, the only project the caller has.
    ///
    /// # Errors
    /// Any [`ClientError`]; [`ClientError::Config`] if there is none, or more than one to choose from.
    pub async fn only_project(&self, region: Option<&str>) -> Result<ProjectInfo, ClientError> {
        let mut projects = self.list_projects(region).await?;
        match (projects.len(), region) {
            (1, _) => Ok(projects.swap_remove(0)),
            (0, Some(region)) => Err(ClientError::Config(format!("the caller has no project of the region {region}"))),
            (0, None) => Err(ClientError::Config("the caller has no project".into())),
            (count, _) => {
                let names: Vec<_> =
                    projects.iter().take(10).map(|project| format!("{} ({})", project.id, project.name)).collect();
                let names = names.join(", ");
                Err(ClientError::Config(format!("the caller has {count} projects, name one by its id: {names}")))
            }
        }
    }

    /// The caller's domains.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn list_own_domains(&self) -> Result<Vec<NamedInfo>, ClientError> {
        let call = Call::new(Method::GET, &["v3", "auth", "domains"])?.service(Service::Iam);
        let list: DomainList = self.send(&call).await?.decode()?;
        Ok(list.domains)
    }

    /// A token by password or by another token; needs no credential of the client's own.
    ///
    /// # Errors
    /// Any [`ClientError`].
    pub async fn create_token(&self, request: &CreateToken) -> Result<IssuedToken, ClientError> {
        let call = Call::new(Method::POST, &["v3", "auth", "tokens"])?.service(Service::Iam).json(request)?;
        let answer = self.send(&call).await?;
        let body: TokenBody = answer.decode()?;
        let token = answer.header("x-subject-token").filter(|token| !token.is_empty());
        let missing = || ClientError::Decode { call: call.name(), reason: "there is no X-Subject-Token".into() };
        Ok(IssuedToken { token: Secret::new(token.ok_or_else(missing)?), info: body.token })
    }
}
