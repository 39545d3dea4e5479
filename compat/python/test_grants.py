"""Granting a connection to another project, as far as the owner sees it."""

import calls
from calls import dli, run

GRANTEE = "330e068af1334c9782f4226acc00a2e2"
OTHER = "441e068af1334c9782f4226acc00a2e2"


def authorize(client, action, connection_id, project_id=GRANTEE, privileges=("BIND_QUEUE",), kind="edsconnections"):
    privilege = dli.Privilege(object=f"{kind}.{connection_id}", privileges=list(privileges))
    body = dli.RunAuthorizationActionRequestBody(project_id=project_id, action=action, privileges=[privilege])
    return run(client, "RunAuthorizationAction", body=body)


def grants(client, connection_id):
    shown = run(client, "ShowEnhancedConnectionPrivilege", connection_id=connection_id)
    assert shown.connection_id == connection_id
    return [(entry.object, entry.applicant_project_id, entry.privileges) for entry in shown.privileges]


def is_privis(client, connection_id):
    name = calls.show(client, connection_id).name
    (entry,) = calls.list_connections(client, name=name).connections
    return entry.is_privis


def test_a_grant_is_shown_and_revoked(client, new_connection):
    connection_id = new_connection()
    assert grants(client, connection_id) == [] and is_privis(client, connection_id) is True
    for _ in range(2):
        granted = authorize(client, "grant", connection_id)
        assert (granted.status_code, granted.is_success, granted.message) == (200, True, "")
    assert grants(client, connection_id) == [(f"edsconnections.{connection_id}", GRANTEE, ["BIND_QUEUE"])]
    assert is_privis(client, connection_id) is False
    for _ in range(2):
        authorize(client, "revoke", connection_id)
    assert grants(client, connection_id) == [] and is_privis(client, connection_id) is True


def test_two_projects_hold_a_grant_and_update_empties_one(client, new_connection):
    connection_id = new_connection()
    authorize(client, "grant", connection_id)
    authorize(client, "grant", connection_id, OTHER)
    assert {grantee for _, grantee, _ in grants(client, connection_id)} == {GRANTEE, OTHER}
    authorize(client, "update", connection_id, privileges=())
    assert {grantee for _, grantee, _ in grants(client, connection_id)} == {OTHER}


def test_what_cannot_be_granted(client, new_connection, target, refused):
    connection_id = new_connection()
    refused(400, "DLI.0001", authorize, client, "grant", connection_id, privileges=["DROP"])
    refused(400, "DLI.0001", authorize, client, "grant", connection_id, target.project_id)
    refused(400, "DLI.0001", authorize, client, "lend", connection_id)
    refused(400, "DLI.0007", authorize, client, "grant", "q1", kind="queues")
    assert grants(client, connection_id) == []


def test_an_unknown_connection(client, refused):
    nobody = "00000000-0000-4000-8000-000000000000"
    refused(400, "DLI.0001", run, client, "ShowEnhancedConnectionPrivilege", connection_id=nobody)
    refused(400, "DLI.0001", authorize, client, "grant", nobody)
