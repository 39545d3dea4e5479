"""What changes queues and pools: scaling, networks, properties, members and policies."""

import calls
import pytest
from calls import dli, run


@pytest.fixture
def queue(client, new_name):
    name = new_name()
    calls.create_queue(client, name)
    yield name
    calls.delete_queue(client, name)


@pytest.fixture
def pool(client, new_name):
    """A pool with room, and whatever moves in is deleted with it."""
    name = new_name()
    calls.create_pool(client, name, max_cu=128, min_cu=64)
    yield name
    members = run(client, "ListElasticResourcePoolQueues", elastic_resource_pool_name=name).queues
    for member in members:
        calls.delete_queue(client, member.queue_name)
    calls.delete_pool(client, name)


def act(client, queue, action, **fields):
    body = dli.RunQueueActionRequestBody(action=action, **fields)
    return run(client, "RunQueueAction", queue_name=queue, body=body)


def properties_of(client, queue):
    listed = run(client, "ListQueueProperties", queue_name=queue).properties
    return {entry.key: entry.value for entry in listed}


def policy(priority, start, stop, cu):
    fields = {"impact_start_time": start, "impact_stop_time": stop, "min_cu": cu, "max_cu": cu}
    return dli.QueueScalingPolicy(priority=priority, **fields)


def test_a_queue_is_scaled_out_and_in(client, queue):
    answer = act(client, queue, "scale_out", cu_count=16)
    assert (answer.queue_name, answer.result) == (queue, True)
    assert calls.show_queue(client, queue).cu_count == 32
    act(client, queue, "scale_in", cu_count=16)
    assert calls.show_queue(client, queue).cu_count == 16


def test_the_network_of_a_queue_is_changed_while_it_is_not_bound(client, queue, new_connection, refused):
    body = dli.UpdateQueueCidrRequestBody(cidr_in_vpc="10.44.0.0/20")
    assert run(client, "UpdateQueueCidr", queue_name=queue, body=body).is_success is True
    (row,) = [entry for entry in calls.list_queues(client, queue_type="all").queues if entry.queue_name == queue]
    assert row.cidr_in_vpc == "10.44.0.0/20"
    connection_id = new_connection(queues=[queue])
    other = dli.UpdateQueueCidrRequestBody(cidr_in_vpc="10.45.0.0/20")
    refused(400, "DLI.0007", run, client, "UpdateQueueCidr", queue_name=queue, body=other)
    calls.unbind(client, connection_id, queues=[queue])


def test_properties_are_set_changed_and_deleted(client, queue):
    common = dli.CommonQueueProperty(compute_engine_max_instance=2, job_max_concurrent=5)
    body = dli.CreateQueuePropertyRequestBody(properties=common)
    assert run(client, "CreateQueueProperty", queue_name=queue, body=body).is_success is True
    body = dli.UpdateQueuePropertyRequestBody(properties=dli.AdvancedQueueProperty(compute_engine_max_instance=4))
    assert run(client, "UpdateQueueProperty", queue_name=queue, body=body).is_success is True
    assert properties_of(client, queue) == {"computeEngine.maxInstance": "4", "job.maxConcurrent": "5"}
    body = dli.DeleteQueuePropertyRequestBody(keys=["computeEngine.maxInstance"])
    assert run(client, "DeleteQueueProperty", queue_name=queue, body=body).is_success is True
    assert properties_of(client, queue) == {"job.maxConcurrent": "5"}


def test_a_pool_is_changed(client, pool):
    body = dli.UpdateElasticResourcePoolRequestBody(description="changed", max_cu=160, min_cu=64)
    assert run(client, "UpdateElasticResourcePool", elastic_resource_pool_name=pool, body=body).is_success is True
    (row,) = calls.list_pools(client, name=pool).elastic_resource_pools
    assert (row.description, row.max_cu, row.min_cu) == ("changed", 160, 64)


def test_a_queue_moves_into_a_pool_and_has_policies_there(client, pool, new_name):
    queue = new_name()
    calls.create_queue(client, queue)
    body = dli.AssociateQueueToElasticResourcePoolRequestBody(queue_name=queue)
    run(client, "AssociateQueueToElasticResourcePool", elastic_resource_pool_name=pool, body=body)
    policies = [policy(1, "00:00", "24:00", 16), policy(2, "08:00", "18:00", 32)]
    body = dli.UpdateElasticResourcePoolQueueRequestBody(queue_scaling_policies=policies)
    where = {"elastic_resource_pool_name": pool, "queue_name": queue}
    assert run(client, "UpdateElasticResourcePoolQueue", body=body, **where).is_success is True
    (member,) = run(client, "ListElasticResourcePoolQueues", elastic_resource_pool_name=pool).queues
    assert member.queue_name == queue
    found = {(entry.priority, entry.impact_start_time, entry.max_cu) for entry in member.queue_scaling_policies}
    assert found == {(1, "00:00", 16), (2, "08:00", 32)}


def test_unknown_names(client, refused, new_name):
    missing = new_name()
    refused(400, "DLI.0002", act, client, missing, "scale_out", cu_count=16)
    body = dli.UpdateElasticResourcePoolRequestBody(description="x")
    refused(404, "DLI.0002", run, client, "UpdateElasticResourcePool", elastic_resource_pool_name=missing, body=body)
