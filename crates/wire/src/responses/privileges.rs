//! The grants of a connection (dli_02_0256).

use linkspan_model::{ConnectionId, ProjectId};
use serde::Serialize;

use super::success::to_bytes;
use crate::requests::ObjectPrivileges;

#[derive(Serialize)]
struct List<'a> {
    is_success: bool,
    message: &'a str,
    connection_id: String,
    privileges: Vec<Row<'a>>,
}

/// The grantee stands in it twice: the documents name the first, Terraform's provider reads the second.
#[derive(Serialize)]
struct Row<'a> {
    object: &'a str,
    applicant_project_id: &'a str,
    project_id: &'a str,
    privileges: [&'a str; 1],
}

/// One entry per grantee, in the order granted.
#[must_use]
pub fn list(id: ConnectionId, grantees: &[ProjectId]) -> Vec<u8> {
    let object = format!("{}{id}", ObjectPrivileges::CONNECTION_PREFIX);
    let privileges = grantees
        .iter()
        .map(|grantee| Row {
            object: &object,
            applicant_project_id: grantee.as_str(),
            project_id: grantee.as_str(),
            privileges: [ObjectPrivileges::BIND_QUEUE],
        })
        .collect();
    to_bytes(&List { is_success: true, message: "", connection_id: id.to_string(), privileges })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let id = ConnectionId(uuid::uuid!("4c693ecc-bab8-4113-a838-129cedc9a563"));
        let grantees = ["330e068af1334c9782f4226acc00a2e2".parse().unwrap(), "p2".parse().unwrap()];
        let bodies = [list(id, &[]), list(id, &grantees)];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
