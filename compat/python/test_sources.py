"""Queues and elastic resource pools, as far as connections need them."""

import calls


def entry(entries, **wanted):
    (found,) = [item for item in entries if all(item[key] == value for key, value in wanted.items())]
    return found


def test_a_queue_is_created_listed_shown_and_deleted(client, new_name, refused):
    name = new_name()
    created = calls.create_queue(client, name.upper(), description="for a test")
    assert (created.status_code, created.is_success, created.queue_name) == (200, True, name)

    listed = calls.list_queues(client, queue_type="all").to_json_object()
    assert listed["is_success"] is True
    found = entry(listed["queues"], queue_name=name)
    assert (found["queue_type"], found["cu_count"], found["resource_mode"]) == ("general", 16, 1)
    assert found["cidr_in_vpc"] == "172.16.0.0/12"
    assert found["cidr_in_subnet"].endswith("/24")

    shown = calls.show_queue(client, name).to_json_object()
    assert (shown["queueName"], shown["queueType"], shown["cuCount"]) == (name, "general", 16)

    assert calls.delete_queue(client, name).status_code == 200
    assert name not in [queue.queue_name for queue in calls.list_queues(client, queue_type="all").queues]
    refused(400, "DLI.0002", calls.delete_queue, client, name)
    refused(400, "DLI.0002", calls.show_queue, client, name)


def test_the_preset_queue_is_there_to_stay(client, refused):
    names = [queue.queue_name for queue in calls.list_queues(client, queue_type="all").queues]
    assert "default" in names
    refused(400, "DLI.0006", calls.create_queue, client, "default")
    refused(400, "DLI.0007", calls.delete_queue, client, "default")


def test_two_queues_get_networks_that_do_not_overlap(client, sources):
    queues = calls.list_queues(client, queue_type="all").to_json_object()["queues"]
    networks = [entry(queues, queue_name=name)["cidr_in_subnet"] for name in (sources.queue, sources.other_queue)]
    assert len(set(networks)) == 2


def test_a_pool_is_created_listed_and_deleted(client, new_name, refused):
    name = new_name()
    created = calls.create_pool(client, name.upper(), description="for a test")
    assert (created.status_code, created.is_success, created.elastic_resource_pool_name) == (200, True, name)

    listed = calls.list_pools(client, name=name, limit=10, offset=0, status="AVAILABLE").to_json_object()
    found = entry(listed["elastic_resource_pools"], elastic_resource_pool_name=name)
    assert listed["count"] == 1
    assert (found["max_cu"], found["min_cu"], found["cidr_in_vpc"]) == (64, 64, "172.16.0.0/12")
    assert isinstance(found["create_time"], int)
    past = calls.list_pools(client, name=name, offset=5).to_json_object()
    assert (past["elastic_resource_pools"], past["count"]) == ([], 1)

    assert calls.delete_pool(client, name).status_code == 200
    refused(400, "DLI.0002", calls.delete_pool, client, name)


def test_a_pool_that_holds_a_queue_stays(client, sources, refused):
    refused(400, "DLI.0007", calls.delete_pool, client, sources.pool)
    found = entry(
        calls.list_pools(client, name=sources.pool).to_json_object()["elastic_resource_pools"],
        elastic_resource_pool_name=sources.pool,
    )
    assert found["queues"] == [sources.pooled_queue]


def test_deleting_a_bound_queue_takes_its_peer_along(client, new_connection, new_name):
    name = new_name()
    calls.create_queue(client, name)
    connection_id = new_connection(queues=[name])
    assert [peer.name for peer in calls.peers_of(calls.settled(client, connection_id))] == [name]
    calls.delete_queue(client, name)
    assert calls.peers_of(calls.show(client, connection_id)) == []
