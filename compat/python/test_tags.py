"""Tags of connections, queues and pools through the tag API."""

import calls
import pytest
from calls import dli, run

KIND = "dli_enhanced_datasource"


def change(client, operation, resource_id, pairs, kind=KIND):
    body = getattr(dli, f"{operation}RequestBody")(tags=[calls.tag(*pair) for pair in pairs])
    return run(client, operation, resource_type=kind, resource_id=resource_id, body=body)


def tags_of(client, resource_id, kind=KIND, **query):
    shown = run(client, "ShowResourceTags", resource_type=kind, resource_id=resource_id, **query)
    return [(tag.key, tag.value) for tag in shown.tags], shown.count


def test_tags_of_a_create_are_read_changed_and_deleted(client, new_connection):
    connection_id = new_connection(tags=[calls.tag("env", "test"), calls.tag("empty", "")])
    assert tags_of(client, connection_id) == ([("env", "test"), ("empty", "")], 2)
    assert change(client, "BatchCreateResourceTags", connection_id, [("env", "prod"), ("团队", "数据")]).status_code == 204
    assert tags_of(client, connection_id) == ([("env", "prod"), ("empty", ""), ("团队", "数据")], 3)
    gone = [("empty", ""), ("never", "x")]
    assert change(client, "BatchDeleteResourceTags", connection_id, gone).status_code == 204
    assert tags_of(client, connection_id)[0] == [("env", "prod"), ("团队", "数据")]


def test_the_list_of_connections_finds_them_by_a_tag_that_was_just_set(client, new_connection, run_id):
    connection_id = new_connection()
    change(client, "BatchCreateResourceTags", connection_id, [("set", run_id)])
    assert [entry.id for entry in calls.list_connections(client, tags=f"set={run_id}").connections] == [connection_id]


def test_resources_are_found_and_counted_by_tags(client, new_connection, new_name, run_id):
    name = new_name()
    connection_id = new_connection(name, tags=[calls.tag("found", run_id)])
    tags = [dli.TagWithValues(key="found", values=[run_id, "other"])]
    body = dli.ListResourcesByTagsRequestBody(tags=tags)
    found = run(client, "ListResourcesByTags", resource_type=KIND, limit=10, offset=0, body=body)
    assert found.total_count == 1
    assert [(entry.resource_id, entry.resource_name) for entry in found.resources] == [(connection_id, name)]
    body = dli.CountResourcesByTagsRequestBody(tags=tags)
    assert run(client, "CountResourcesByTags", resource_type=KIND, body=body).total_count == 1
    matches = [dli.Match(key="resource_name", value="no such name")]
    body = dli.CountResourcesByTagsRequestBody(tags=tags, matches=matches)
    assert run(client, "CountResourcesByTags", resource_type=KIND, body=body).total_count == 0


def test_the_tags_of_a_kind_are_listed_with_their_values(client, new_connection, run_id):
    for value in ("a", "b"):
        new_connection(tags=[calls.tag(f"kind_{run_id}", value)])
    listed = run(client, "ListResourcesTags", resource_type=KIND, limit=1000, offset=0).tags
    assert {frozenset(tag.values) for tag in listed if tag.key == f"kind_{run_id}"} == {frozenset({"a", "b"})}


def test_tags_of_a_queue_and_of_a_pool(client, new_name, run_id):
    queue, pool = new_name(), new_name()
    calls.create_queue(client, queue, tags=[calls.tag("of", "queue")])
    calls.create_pool(client, pool, tags=[calls.tag("of", "pool")])
    (queue_id,) = [entry.queue_id for entry in calls.list_queues(client, queue_type="all").queues if entry.queue_name == queue]
    (pool_id,) = [entry.resource_id for entry in calls.list_pools(client, name=pool).elastic_resource_pools]
    assert tags_of(client, str(queue_id), "dli_queue")[0] == [("of", "queue")]
    assert tags_of(client, pool_id, "dli_elastic_resource_pool")[0] == [("of", "pool")]
    calls.delete_queue(client, queue)
    calls.delete_pool(client, pool)


@pytest.mark.parametrize("pairs", [[("", "v")], [("_sys_x", "v")], [("k", "a,b")], [("k", "1"), ("k", "2")]])
def test_bad_tags_change_nothing(client, new_connection, refused, pairs):
    connection_id = new_connection(tags=[calls.tag("kept", "v")])
    refused(400, "DLI.0001", change, client, "BatchCreateResourceTags", connection_id, pairs)
    assert tags_of(client, connection_id)[0] == [("kept", "v")]
