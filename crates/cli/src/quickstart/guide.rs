//! How to go on, with the values of the server that runs: every line can be copied as it is.

use std::path::Path;

use linkspan_client::{Client, ClientConfig, Credentials, Endpoints};
use linkspan_wire::{CreateToken, NameOrId, Secret, TokenIdentity, TokenScope, UserRef};

use crate::failure::Failure;
use crate::profile::CredentialsFile;

/// What the text is made of.
pub(super) struct Facts<'a> {
    pub(super) credentials: &'a CredentialsFile,
    /// Where the credentials are.
    pub(super) file: &'a Path,
    pub(super) endpoint: &'a str,
    pub(super) token: &'a str,
    /// How the reader calls this program.
    pub(super) program: &'a str,
}

/// A token of the first user for the first project.
pub(super) async fn token(credentials: &CredentialsFile, endpoint: &str) -> Result<String, Failure> {
    let nobody = Client::new(ClientConfig::new(Endpoints::one(endpoint)?, Credentials::Anonymous))?;
    let user =
        UserRef::Name { name: credentials.user_name.clone(), domain: NameOrId::Name(credentials.domain_name.clone()) };
    let identity = TokenIdentity::Password { user, password: Secret::new(credentials.password()) };
    let project = NameOrId::Id(credentials.project_id.clone());
    let scope = TokenScope::Project { project, domain: None };
    let issued = nobody.create_token(&CreateToken { identity, scope }).await?;
    Ok(issued.token.expose().to_owned())
}

/// The whole text.
pub(super) fn text(facts: &Facts<'_>) -> String {
    let file = facts.file.display();
    let head = format!("\nThe key, the project and the password are in {file}; only you can read it.\n");
    let sections = [
        ("The command line", command_line(facts)),
        ("curl, with a token that is good for a day", curl(facts)),
        ("The Python SDK of the cloud, unmodified (pip install huaweicloudsdkdli)", python(facts)),
        ("Terraform, with the unmodified provider", terraform(facts)),
    ];
    // The code begins at the margin: indented, Python could not be pasted.
    sections.iter().fold(head, |text, (title, code)| format!("{text}\n== {title}\n\n{code}"))
}

fn command_line(facts: &Facts<'_>) -> String {
    let Facts { program, file, endpoint, .. } = facts;
    format!(
        "export LINKSPAN_CREDENTIALS={file} LINKSPAN_ENDPOINT={endpoint}\n\
         {program} connection list -o wide\n\
         {program} connection show orders_db\n\
         {program} queue create adhoc --dedicated\n\
         {program} connection bind orders_db --queue adhoc --wait\n",
        file = file.display()
    )
}

fn curl(facts: &Facts<'_>) -> String {
    let Facts { endpoint, token, credentials, .. } = facts;
    let project = &credentials.project_id;
    format!(
        "curl -H 'X-Auth-Token: {token}' \\\n  \
         '{endpoint}/v2.0/{project}/datasource/enhanced-connections?status=ACTIVE'\n"
    )
}

fn python(facts: &Facts<'_>) -> String {
    let Facts { endpoint, credentials, .. } = facts;
    let (access, secret, project) = (&credentials.access_key, credentials.secret_key(), &credentials.project_id);
    format!(
        "from huaweicloudsdkcore.auth.credentials import BasicCredentials\n\
         from huaweicloudsdkdli.v1 import DliClient, ListEnhancedConnectionsRequest\n\n\
         keys = BasicCredentials(\"{access}\", \"{secret}\", \"{project}\")\n\
         client = DliClient.new_builder().with_credentials(keys).with_endpoint(\"{endpoint}\").build()\n\
         for c in client.list_enhanced_connections(ListEnhancedConnectionsRequest(status=\"ACTIVE\")).connections:\n    \
         print(c.id, c.name, [q.name for q in c.available_queue_info])\n"
    )
}

fn terraform(facts: &Facts<'_>) -> String {
    let Facts { endpoint, credentials, .. } = facts;
    let (access, secret, project) = (&credentials.access_key, credentials.secret_key(), &credentials.project_id);
    let region = &credentials.region;
    format!(
        "provider \"huaweicloud\" {{\n  \
         region     = \"{region}\"\n  \
         access_key = \"{access}\"\n  \
         secret_key = \"{secret}\"\n  \
         project_id = \"{project}\"\n  \
         endpoints  = {{ dli = \"{endpoint}/\", iam = \"{endpoint}/\" }}\n\
         }}\n\n\
         data \"huaweicloud_dli_datasource_connections\" \"all\" {{}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_values() {
        let credentials = r#"{"endpoint":"http://127.0.0.1:8780","region":"cn-north-4","domain_id":"d","domain_name":"dn",
            "project_id":"p1","project_name":"cn-north-4","user_name":"u","password":"word","access_key":"AK1","secret_key":"SK1"}"#;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("credentials.json");
        std::fs::write(&file, credentials).unwrap();
        let read = CredentialsFile::read(&file).unwrap();
        let facts = Facts {
            credentials: &read,
            file: Path::new("/tmp/q/credentials.json"),
            endpoint: "http://127.0.0.1:8780",
            token: "TOKEN",
            program: "./linkspan",
        };
        insta::assert_snapshot!(text(&facts));
    }
}
