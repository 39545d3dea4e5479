use http::Method;
use linkspan_engine::command::{AdminCommand, Placement};
use linkspan_model::ProjectId;
use linkspan_wire::own::{self, PlaceProject};

use super::{ADMIN_WRITE, named, operation, project_body, submit};
use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::Operation;

/// Puts a project's queues and networks on a node's host.
pub(in crate::ops) const OPERATION: Operation =
    operation(("PlaceProject", "/linkspan/v1/admin/projects/{id}/node"), Method::PUT, ADMIN_WRITE, |call| {
        Box::pin(run(call))
    });

async fn run(call: Call) -> Result<Answer, Fault> {
    let project: ProjectId = named(&call, "project")?;
    let PlaceProject { node, abandon } = own::read(&call.body)?;
    submit(&call, AdminCommand::PlaceProject(Placement { project: project.clone(), node, abandon })).await?;
    Ok(Answer::json(200, project_body(&call, &project)?))
}

#[cfg(test)]
mod tests {
    use super::super::super::stage::{OWN, Stage};

    #[tokio::test]
    async fn a_project_is_placed_on_a_node_that_is_known() {
        let stage = Stage::open().await;
        let refused = stage.on(OWN).refused("PlaceProject", r#"{"node":"host-1"}"#).await;
        assert_eq!(refused.0, 404, "no node has served it with networks of its own");
        stage.with_host("host-1").await;
        let placed = stage.on(OWN).ok("PlaceProject", r#"{"node":"host-1"}"#).await.json();
        assert_eq!((&placed["id"], &placed["node"]), (&OWN.into(), &"host-1".into()));
        let list = stage.get("ListProjects", "").await.json();
        assert!(list["projects"].as_array().unwrap().contains(&placed));
        let refused = async |body: &str| stage.on(OWN).refused("PlaceProject", body).await.0;
        assert_eq!(refused(r#"{"node":"../x"}"#).await, 400);
        assert_eq!(refused(r#"{"node":"host-2"}"#).await, 404);
        assert_eq!(stage.on("nope").refused("PlaceProject", r#"{"node":"host-1"}"#).await.0, 404);
    }
}
