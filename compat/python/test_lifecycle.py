"""A connection's life as a script lives it: create, show, change hosts, bind, unbind, delete."""

import uuid

import calls

FIELDS_OF_A_CONNECTION = {
    "id", "name", "status", "available_queue_info", "elastic_resource_pools", "dest_vpc_id", "dest_network_id",
    "create_time", "hosts", "isPrivis", "ipv6_enable", "routes",
}  # fmt: skip
FIELDS_OF_A_PEER = {"peer_id", "status", "name", "err_msg", "update_time"}


def names(peers):
    return sorted(peer.name for peer in peers)


def test_create_with_the_required_fields_only(client, new_name):
    name = new_name()
    created = calls.create(client, name)
    assert created.status_code == 201
    assert created.to_json_object().keys() == {"is_success", "message", "connection_id"}
    assert (created.is_success, created.message) == (True, "")
    assert str(uuid.UUID(created.connection_id)) == created.connection_id

    shown = calls.show(client, created.connection_id)
    raw = shown.to_json_object()
    assert raw.keys() == FIELDS_OF_A_CONNECTION | {"is_success", "message"}
    assert (raw["is_success"], raw["message"]) == (True, "")
    assert (shown.id, shown.name, shown.status) == (created.connection_id, name, "ACTIVE")
    assert (shown.dest_vpc_id, shown.dest_network_id) == (calls.VPC, calls.SUBNET)
    assert [raw[field] for field in ("available_queue_info", "elastic_resource_pools", "hosts", "routes")] == [[]] * 4
    assert (raw["isPrivis"], raw["ipv6_enable"]) == (True, False)
    assert isinstance(raw["create_time"], int) and raw["create_time"] > 1_500_000_000_000
    calls.delete(client, created.connection_id)


def test_create_with_every_field(client, new_name, sources):
    hosts = [calls.host("ecs-97f8-0001", "192.168.0.167"), calls.host("Node_2.example", "192.168.0.168")]
    created = calls.create(
        client,
        new_name(),
        routetable_id="d2ae6628-fa37-4e04-806d-c59c497492d1",
        queues=[sources.queue, sources.other_queue],
        elastic_resource_pools=[sources.pool],
        hosts=hosts,
        tags=[calls.tag("项目", "测试 1"), calls.tag("empty", "")],
    )
    bound = f"{sources.queue},{sources.other_queue},{sources.pool}"
    assert created.message == f"Create peer connection for queues:{{{bound}}}"

    at_once = calls.show(client, created.connection_id)
    assert names(at_once.available_queue_info) == sorted([sources.queue, sources.other_queue])
    assert names(at_once.elastic_resource_pools) == [sources.pool]

    shown = calls.settled(client, created.connection_id)
    assert [(entry.name, entry.ip) for entry in shown.hosts] == [(entry.name, entry.ip) for entry in hosts]
    for peer in shown.to_json_object()["available_queue_info"] + shown.to_json_object()["elastic_resource_pools"]:
        assert peer.keys() == FIELDS_OF_A_PEER
        assert (peer["status"], peer["err_msg"]) == ("ACTIVE", "")
        assert str(uuid.UUID(peer["peer_id"])) == peer["peer_id"]
        assert isinstance(peer["update_time"], int)
    calls.delete(client, created.connection_id)


def test_bind_and_unbind(client, new_connection, sources):
    connection_id = new_connection()
    bound = calls.bind(client, connection_id, queues=[sources.queue], elastic_resource_pools=[sources.pool])
    assert bound.status_code == 200
    assert bound.message == f"associated peer connection for queues: {{{sources.queue},{sources.pool}}}."
    shown = calls.settled(client, connection_id)
    assert names(shown.available_queue_info) == [sources.queue]
    assert names(shown.elastic_resource_pools) == [sources.pool]
    assert {peer.status for peer in calls.peers_of(shown)} == {"ACTIVE"}

    unbound = calls.unbind(client, connection_id, queues=[sources.queue])
    assert unbound.message == f"Disassociated peer connection for queues:{{{sources.queue}}}."
    assert names(calls.peers_of(calls.show(client, connection_id))) == [sources.pool]
    calls.unbind(client, connection_id, elastic_resource_pools=[sources.pool])
    assert calls.peers_of(calls.show(client, connection_id)) == []


def test_binding_again_and_unbinding_again_change_nothing(client, new_connection, sources):
    connection_id = new_connection(queues=[sources.queue])
    before = calls.settled(client, connection_id).to_json_object()["available_queue_info"]
    calls.bind(client, connection_id, queues=[sources.queue.upper()])
    assert calls.show(client, connection_id).to_json_object()["available_queue_info"] == before
    assert calls.unbind(client, connection_id, queues=[sources.other_queue]).status_code == 200
    assert calls.show(client, connection_id).to_json_object()["available_queue_info"] == before


def test_a_queue_that_lives_in_a_pool_binds_the_pool(client, new_connection, sources):
    connection_id = new_connection()
    calls.bind(client, connection_id, queues=[sources.pooled_queue], elastic_resource_pools=[sources.pool])
    shown = calls.settled(client, connection_id)
    assert shown.available_queue_info == []
    assert names(shown.elastic_resource_pools) == [sources.pool]
    calls.unbind(client, connection_id, queues=[sources.pooled_queue])
    assert calls.peers_of(calls.show(client, connection_id)) == []


def test_sources_that_overlap_towards_one_vpc_fail_and_say_why(client, new_connection, new_name):
    pools = [new_name(), new_name()]
    for pool in pools:
        calls.create_pool(client, pool, cidr_in_vpc="10.99.0.0/18")
    # The same subnet through several connections is no overlap, so the second one leads to another of the same VPC.
    vpc = str(uuid.uuid4())
    first = new_connection(dest_vpc_id=vpc, elastic_resource_pools=[pools[0]])
    assert [peer.status for peer in calls.peers_of(calls.settled(client, first))] == ["ACTIVE"]
    second = new_connection(
        dest_vpc_id=vpc, dest_network_id=str(uuid.uuid4()), elastic_resource_pools=[pools[1]]
    )
    (peer,) = calls.peers_of(calls.settled(client, second))
    assert peer.status == "FAILED"
    assert "10.99.0.0/18" in peer.err_msg
    for connection_id, pool in zip((first, second), pools, strict=True):
        calls.delete(client, connection_id)
        calls.delete_pool(client, pool)


def test_hosts_are_replaced_whole_and_cleared(client, new_connection):
    connection_id = new_connection(hosts=[calls.host("old", "10.0.0.1")])
    replaced = calls.replace_hosts(client, connection_id, [calls.host("b", "10.0.0.2"), calls.host("A", "10.0.0.3")])
    assert (replaced.status_code, replaced.is_success, replaced.message) == (200, True, "")
    shown = calls.show(client, connection_id)
    assert [(entry.name, entry.ip) for entry in shown.hosts] == [("b", "10.0.0.2"), ("A", "10.0.0.3")]
    calls.replace_hosts(client, connection_id, [])
    assert calls.show(client, connection_id).hosts == []
    calls.replace_hosts(client, connection_id, [calls.host("again", "10.0.0.4")])
    calls.replace_hosts(client, connection_id, None)
    assert calls.show(client, connection_id).hosts == []


def test_delete_leaves_a_record_and_frees_the_name(client, new_connection, new_name, sources, refused):
    name = new_name()
    connection_id = new_connection(name, queues=[sources.queue], hosts=[calls.host("kept", "10.0.0.1")])
    calls.settled(client, connection_id)
    deleted = calls.delete(client, connection_id)
    assert (deleted.status_code, deleted.is_success, deleted.message) == (200, True, "Deleted")

    shown = calls.show(client, connection_id)
    assert (shown.status, shown.name) == ("DELETED", name)
    assert calls.peers_of(shown) == []
    assert [entry.name for entry in shown.hosts] == ["kept"]
    assert connection_id in [found.id for found in calls.list_connections(client, status="DELETED", limit=0).connections]

    refused(400, "DLI.0001", calls.delete, client, connection_id)
    assert new_connection(name) != connection_id
