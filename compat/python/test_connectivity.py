"""Testing whether an address can be reached from a queue: the result is there when the answer is."""

import calls
import pytest
from calls import dli, run


@pytest.fixture
def bound(client, sources, new_connection):
    """A connection of the queue with a host of a known name, its peer ready."""
    connection_id = new_connection(queues=[sources.queue], hosts=[calls.host("db.example", "192.168.0.20")])
    calls.settled(client, connection_id)
    return connection_id


def reaches(client, queue, address):
    body = dli.CreateConnectivityTaskRequestBody(address=address)
    created = run(client, "CreateConnectivityTask", queue_name=queue, body=body)
    assert created.is_success is True and type(created.task_id) is int and created.task_id < 2**53
    shown = run(client, "ShowConnectivityTask", queue_name=queue, task_id=str(created.task_id))
    assert shown.is_success is True
    return shown.connectivity


def test_an_address_behind_an_active_peer(client, sources, bound):
    assert reaches(client, sources.queue, "192.168.0.20:3306") == "REACHABLE"
    assert reaches(client, sources.queue, "db.example:3306") == "REACHABLE"


def test_no_binding_and_no_host_entry(client, sources, bound):
    assert reaches(client, sources.other_queue, "192.168.0.20:3306") == "UNREACHABLE"
    assert reaches(client, sources.queue, "unknown.example:3306") == "UNREACHABLE"


def test_a_port_is_needed_and_unknown_things_are_refused(client, sources, refused, new_name):
    refused(400, "DLI.0001", reaches, client, sources.queue, "192.168.0.20")
    refused(400, "DLI.0002", reaches, client, new_name(), "192.168.0.20:3306")
    refused(400, "DLI.0002", run, client, "ShowConnectivityTask", queue_name=sources.queue, task_id="9007199254740990")
