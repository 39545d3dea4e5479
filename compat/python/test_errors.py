"""Refusals as a script sees them: the SDK's exception with its status, code, text and request id."""

import uuid

import calls
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_show_of_an_unknown_id(client, refused):
    error = refused(404, "DLI.0001", calls.show, client, NOBODY)
    assert error.error_msg == f"Connection {NOBODY} does not exist."


def test_show_of_what_is_no_id(client, refused):
    refused(404, "DLI.0001", calls.show, client, "not-an-id")


def test_every_change_of_an_unknown_id(client, refused, sources):
    text = f"Connection {NOBODY} does not exist."
    assert refused(400, "DLI.0001", calls.delete, client, NOBODY).error_msg == text
    assert refused(400, "DLI.0001", calls.replace_hosts, client, NOBODY, []).error_msg == text
    assert refused(400, "DLI.0001", calls.bind, client, NOBODY, queues=[sources.queue]).error_msg == text
    assert refused(400, "DLI.0001", calls.unbind, client, NOBODY, queues=[sources.queue]).error_msg == text


def test_a_name_is_unique_and_the_text_holds_the_other_one(client, refused, new_connection, new_name):
    name = new_name()
    connection_id = new_connection(name)
    error = refused(400, "DLI.0006", calls.create, client, name)
    assert connection_id in error.error_msg
    new_connection(name.upper())


@pytest.mark.parametrize("name", ["", "a-b", "a b", "名字", "x" * 65, None])
def test_a_bad_name(client, refused, name):
    refused(400, "DLI.0001", calls.create, client, name)


@pytest.mark.parametrize("field", ["dest_vpc_id", "dest_network_id"])
def test_a_missing_field_is_named(client, refused, new_name, field):
    error = refused(400, "DLI.0001", calls.create, client, new_name(), **{field: None})
    assert field in error.error_msg


def test_an_unknown_queue_at_create_makes_nothing(client, refused, new_name, sources):
    name, missing = new_name(), new_name()
    error = refused(400, "DLI.0002", calls.create, client, name, queues=[sources.queue, missing])
    assert missing in error.error_msg
    assert calls.list_connections(client, name=name).connections == []


def test_an_unknown_queue_or_pool_at_bind_binds_nothing(client, refused, new_connection, new_name, sources):
    connection_id, missing = new_connection(), new_name()
    error = refused(400, "DLI.0002", calls.bind, client, connection_id, queues=[sources.queue, missing])
    assert missing in error.error_msg
    pools = {"queues": [sources.queue], "elastic_resource_pools": [missing]}
    refused(400, "DLI.0002", calls.bind, client, connection_id, **pools)
    assert calls.peers_of(calls.show(client, connection_id)) == []


def test_unbinding_a_name_that_never_was(client, refused, new_connection, new_name):
    refused(400, "DLI.0002", calls.unbind, client, new_connection(), queues=[new_name()])


@pytest.mark.parametrize("names", [{}, {"queues": []}, {"queues": [], "elastic_resource_pools": []}])
def test_binding_and_unbinding_need_a_name(client, refused, new_connection, names):
    connection_id = new_connection()
    refused(400, "DLI.0001", calls.bind, client, connection_id, **names)
    refused(400, "DLI.0001", calls.unbind, client, connection_id, **names)


def test_the_default_queue_and_shared_queues_cannot_be_bound(client, refused, new_connection, new_name):
    connection_id, shared = new_connection(), new_name()
    refused(400, "DLI.0007", calls.bind, client, connection_id, queues=["default"])
    calls.create_queue(client, shared, resource_mode=0)
    refused(400, "DLI.0007", calls.bind, client, connection_id, queues=[shared])
    calls.delete_queue(client, shared)


@pytest.mark.parametrize(
    "hosts",
    [
        [("1starts-with-a-digit", "10.0.0.1")],
        [("h", "10.0.0.256")],
        [("h", "10.0.0.01")],
        [("h", "::1")],
        [("same", "10.0.0.1"), ("SAME", "10.0.0.2")],
    ],
)
def test_bad_hosts_change_nothing(client, refused, new_connection, hosts):
    connection_id = new_connection(hosts=[calls.host("kept", "10.0.0.9")])
    refused(400, "DLI.0001", calls.replace_hosts, client, connection_id, [calls.host(*entry) for entry in hosts])
    assert [entry.name for entry in calls.show(client, connection_id).hosts] == ["kept"]


@pytest.mark.parametrize(
    "tags",
    [
        [("", "v")],
        [("_sys_mine", "v")],
        [("k", "a,b")],
        [("twice", "1"), ("twice", "2")],
        [(f"k{number}", "v") for number in range(21)],
    ],
)
def test_bad_tags(client, refused, new_name, tags):
    refused(400, "DLI.0001", calls.create, client, new_name(), tags=[calls.tag(*pair) for pair in tags])


def test_a_wrong_secret(target, refused):
    keys = BasicCredentials(target.access_key, target.secret_key + "x", target.project_id)
    refused(401, "APIGW.0301", calls.list_connections, calls.client_of(target, keys))


def test_an_unknown_key(target, refused):
    keys = BasicCredentials("NOSUCHACCESSKEY00000", target.secret_key, target.project_id)
    refused(401, "APIGW.0301", calls.list_connections, calls.client_of(target, keys))


def test_a_foreign_project(target, refused):
    keys = BasicCredentials(target.access_key, target.secret_key, uuid.uuid4().hex)
    client = calls.client_of(target, keys)
    refused(403, "DLI.0003", calls.list_connections, client)
    refused(403, "DLI.0003", calls.create, client, "never")


def test_a_client_without_a_project_is_told_what_is_missing(target, refused):
    keys = BasicCredentials(target.access_key, target.secret_key)
    error = refused(403, "DLI.0003", calls.list_connections, calls.client_of(target, keys))
    assert "project" in error.error_msg.lower()
