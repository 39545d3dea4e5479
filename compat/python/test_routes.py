"""Custom routes of a connection, by the current calls and by those of v2.0 that Terraform and Airflow still make."""

import calls
import pytest
from calls import dli, run

CURRENT = ("CreateRouteToEnhancedConnection", "DeleteRouteFromEnhancedConnection")
OLDER = ("CreateEnhancedConnectionRoutes", "DeleteEnhancedConnectionRoutes")


def add(client, operation, connection_id, name, cidr):
    body = getattr(dli, f"{operation}RequestBody")(name=name, cidr=cidr)
    return run(client, operation, connection_id=connection_id, body=body)


@pytest.fixture
def shown_routes(client, last_answer):
    def read(connection_id):
        calls.show(client, connection_id)
        return [(route["name"], route["cidr"]) for route in last_answer.json()["routes"]]

    return read


@pytest.mark.parametrize(("create", "delete"), [CURRENT, OLDER, (CURRENT[0], OLDER[1])])
def test_a_route_is_added_shown_and_deleted(client, new_connection, shown_routes, create, delete):
    connection_id = new_connection()
    added = add(client, create, connection_id, "data", "10.1.0.0/16")
    assert (added.status_code, added.is_success, added.message) == (200, True, "")
    assert shown_routes(connection_id) == [("data", "10.1.0.0/16")]
    deleted = run(client, delete, connection_id=connection_id, name="data")
    assert (deleted.status_code, deleted.message) == (200, "Deleted")
    assert shown_routes(connection_id) == []


def test_the_same_route_again_is_fine_and_another_cidr_is_not(client, new_connection, refused, shown_routes):
    connection_id = new_connection()
    for _ in range(2):
        add(client, CURRENT[0], connection_id, "data", "10.1.0.0/16")
    refused(400, "DLI.0006", add, client, CURRENT[0], connection_id, "data", "10.2.0.0/16")
    add(client, CURRENT[0], connection_id, "renamed", "10.1.0.0/16")
    assert shown_routes(connection_id) == [("data", "10.1.0.0/16"), ("renamed", "10.1.0.0/16")]


@pytest.mark.parametrize(("name", "cidr"), [("", "10.0.0.0/8"), ("a b", "10.0.0.0/8"), ("a", "10.0.0.0/33"), ("a", "x")])
def test_a_bad_route(client, new_connection, refused, name, cidr):
    refused(400, "DLI.0001", add, client, CURRENT[0], new_connection(), name, cidr)


def test_ipv6_needs_a_connection_that_has_it(client, new_connection, refused):
    refused(400, "DLI.0007", add, client, CURRENT[0], new_connection(), "six", "2001:db8::/64")


def test_an_unknown_route_and_an_unknown_connection(client, new_connection, refused):
    refused(400, "DLI.0002", run, client, CURRENT[1], connection_id=new_connection(), name="never")
    nobody = "00000000-0000-4000-8000-000000000000"
    refused(400, "DLI.0001", add, client, CURRENT[0], nobody, "data", "10.1.0.0/16")
    refused(400, "DLI.0001", run, client, CURRENT[1], connection_id=nobody, name="data")
