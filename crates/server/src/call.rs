use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use linkspan_engine::{AdminScope, Command, Origin, Principal, Refusal, Reply, Request, Scope, State};

use crate::answer::Fault;
use crate::app::App;
use crate::front::{Params, RequestId};

/// One call of an operation, after it was routed, authenticated and authorised.
pub struct Call {
    /// The server.
    pub app: Arc<App>,
    /// Method, URI (path and query still encoded), headers.
    pub parts: Parts,
    /// The whole body, at most 12 MiB.
    pub body: Bytes,
    /// The parameters of the path; [`Call::param`] reads them.
    pub params: Params,
    /// The id in the answer's `X-Request-Id`.
    pub request_id: RequestId,
    /// The caller's address.
    pub remote: Option<IpAddr>,
    /// Whether the call came in over TLS.
    pub is_encrypted: bool,
    /// What the caller may do.
    pub rights: Rights,
}

/// What a caller may do, as the operation's [`Auth`](crate::Auth) asks.
pub enum Rights {
    /// Nothing was asked.
    Nobody,
    /// A caller whose credential is valid.
    Principal(Principal),
    /// A right to the project in the path.
    Project(Scope),
    /// The right to administer.
    Admin(AdminScope),
}

impl Call {
    /// The state as it is now.
    #[must_use]
    pub fn view(&self) -> Arc<State> {
        arc_of(&self.app)
    }

    /// A parameter of the path, decoded.
    #[must_use]
    pub fn param(&self, name: &str) -> &str {
        self.params.get(name, self.parts.uri.path()).unwrap_or_default()
    }

    /// The query, still encoded, without its `?`.
    #[must_use]
    pub fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The right to the project in the path.
    ///
    /// # Errors
    /// The operation did not ask for one: a mistake in its entry, answered as an internal fault.
    pub fn scope(&self) -> Result<&Scope, Fault> {
        match &self.rights {
            Rights::Project(scope) => Ok(scope),
            _ => Err(Refusal::Internal.into()),
        }
    }

    /// The right to administer.
    ///
    /// # Errors
    /// The operation did not ask for one.
    pub fn admin(&self) -> Result<&AdminScope, Fault> {
        match &self.rights {
            Rights::Admin(scope) => Ok(scope),
            _ => Err(Refusal::Internal.into()),
        }
    }

    /// The caller.
    ///
    /// # Errors
    /// The operation asked for nobody.
    pub fn principal(&self) -> Result<&Principal, Fault> {
        match &self.rights {
            Rights::Principal(principal) => Ok(principal),
            Rights::Project(scope) => Ok(scope.principal()),
            Rights::Admin(scope) => Ok(scope.principal()),
            Rights::Nobody => Err(Refusal::Internal.into()),
        }
    }

    /// Carries out a command on the project in the path; answers once it is durable and visible.
    ///
    /// # Errors
    /// What the engine refuses.
    pub async fn submit(&self, command: Command) -> Result<Reply, Fault> {
        let request = Request::Project(self.scope()?.clone(), command);
        Ok(self.app.engine.submit(request, self.origin()).await?)
    }

    /// Where the call came from, for the audit.
    #[must_use]
    pub fn origin(&self) -> Origin {
        Origin { request_id: self.request_id.to_string(), remote: self.remote }
    }
}

fn arc_of(app: &App) -> Arc<State> {
    Arc::clone(&app.engine.view())
}
