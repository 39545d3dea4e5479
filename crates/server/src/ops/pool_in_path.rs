//! Changes of the pool that a path names: an unknown one is 404 on every call of the family but delete.

use linkspan_engine::command::PoolChange;
use linkspan_engine::{Command, Refusal, Request};
use linkspan_model::PoolName;
use linkspan_wire::{ApiError, ErrorCode};

use crate::answer::Fault;
use crate::call::Call;

/// Changes the pool; answers its folded name.
pub(super) async fn change(call: &Call, change: PoolChange) -> Result<PoolName, Fault> {
    let text = call.param("elastic_resource_pool_name");
    let unknown = || ApiError::unknown_pool(ErrorCode::PoolNotFound, text);
    let name: PoolName = text.parse().map_err(|_| unknown())?;
    let command = Command::ChangePool(text.to_owned(), change);
    let request = Request::Project(call.scope()?.clone(), command);
    match call.app.engine.submit(request, call.origin()).await {
        Ok(_) => Ok(name),
        Err(Refusal::UnknownPool(_)) => Err(unknown().into()),
        Err(refusal) => Err(refusal.into()),
    }
}
