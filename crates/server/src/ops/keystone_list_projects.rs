use http::Method;
use linkspan_wire::query::ListIdentitiesQuery;
use linkspan_wire::responses::identity;

use crate::answer::{Answer, Fault};
use crate::call::Call;
use crate::operation::{Auth, Operation};

/// The projects that the caller may call, or the one of a name: how an SDK finds the project of a region.
pub(super) const OPERATION: Operation = Operation {
    name: "KeystoneListProjects",
    method: Method::GET,
    path: "/v3/projects",
    document: "iam_06_0001",
    action: "iam:projects:listProjects",
    auth: Auth::Principal,
    handler: |call| Box::pin(run(call)),
};

async fn run(call: Call) -> Result<Answer, Fault> {
    let query = ListIdentitiesQuery::parse(call.query())?;
    let view = call.view();
    let wanted = |filter: &Option<String>, value: &str| filter.as_ref().is_none_or(|filter| filter == value);
    let projects = view.projects_of(call.principal()?).filter(|project| {
        let domain = project.domain.as_str();
        wanted(&query.name, &project.name) && wanted(&query.domain_id, domain) && wanted(&query.parent_id, domain)
    });
    // None of them is a domain, and only enabled ones can be called.
    let projects = projects.filter(|project| {
        query.is_domain != Some(true) && query.enabled.is_none_or(|enabled| enabled == project.enabled)
    });
    Ok(Answer::json(200, identity::projects(query.paged(projects))))
}

#[cfg(test)]
mod tests {
    use super::super::stage::{OWN, Stage};

    async fn ids(stage: &Stage, query: &str) -> Vec<String> {
        let list = stage.get("KeystoneListProjects", query).await.json();
        let projects = list["projects"].as_array().unwrap();
        projects.iter().map(|project| project["id"].as_str().unwrap().to_owned()).collect()
    }

    #[tokio::test]
    async fn the_name_of_a_region_finds_exactly_its_project() {
        let stage = Stage::open().await;
        let made = stage.ok("CreateProject", r#"{"name":"cn-north-4_team"}"#).await.json();
        assert_eq!(ids(&stage, "name=cn-north-4").await, [OWN]);
        assert_eq!(ids(&stage, "").await.len(), 2);
        assert_eq!(ids(&stage, "name=nope").await, [""; 0]);
        assert_eq!(ids(&stage, "domain_id=d0&name=cn-north-4").await, [OWN]);
        assert_eq!(ids(&stage, "domain_id=d9").await, [""; 0]);
        assert_eq!(ids(&stage, "parent_id=d0&enabled=true&is_domain=false").await.len(), 2);
        for nothing in ["parent_id=d9", "enabled=false", "is_domain=true", "page=3&per_page=1"] {
            assert_eq!(ids(&stage, nothing).await, [""; 0], "{nothing}");
        }
        let pages = [ids(&stage, "page=1&per_page=1").await, ids(&stage, "page=2&per_page=1").await];
        assert_eq!(pages.concat(), ids(&stage, "").await);
        assert_eq!(stage.get("KeystoneListProjects", "page=0&per_page=1").await.status, 400);
        insta::assert_json_snapshot!(stage.get("KeystoneListProjects", "name=cn-north-4").await.json());
        stage.on(made["id"].as_str().unwrap()).ok("ChangeProject", r#"{"enabled":false}"#).await;
        assert_eq!(ids(&stage, "").await, [OWN], "nobody may call the other one");
    }

    #[tokio::test]
    async fn other_domains_have_none_of_them() {
        let stage = Stage::open().await;
        assert_eq!(ids(&stage.by_stranger(), "name=cn-north-4").await, [""; 0]);
        assert_eq!(ids(&stage.by_stranger(), "").await, [stage.at_strangers_home().project().as_str()]);
    }
}
