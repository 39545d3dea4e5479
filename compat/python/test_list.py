"""The list with every parameter it has, over connections of this run and whatever else the project holds."""

import calls
import pytest


@pytest.fixture(scope="module")
def three(client, run_id):
    """Three connections, oldest first; the two newer ones are tagged, the newest is told apart by its second tag."""
    run, colour = calls.tag("run", run_id), calls.tag("colour", "blue green")
    tags = [[], [run], [run, colour, calls.tag("empty", "")]]
    names = [f"list_{run_id}_{number}" for number in range(3)]
    ids = [calls.create(client, name, tags=tags).connection_id for name, tags in zip(names, tags, strict=True)]
    yield list(zip(names, ids, strict=True))
    for connection_id in ids:
        calls.delete(client, connection_id)


def ids_of(answer):
    return [connection.id for connection in answer.connections]


def test_newest_first_with_count_and_total(client, three, last_answer):
    answer = calls.list_connections(client)
    raw = answer.to_json_object()
    assert raw.keys() == {"is_success", "message", "connections", "count"}
    assert (raw["is_success"], raw["message"]) == (True, "")
    assert raw["count"] == len(raw["connections"])
    assert int(last_answer.headers["X-Total-Count"]) >= raw["count"]
    assert int(last_answer.headers["X-Linkspan-Revision"]) > 0
    assert last_answer.headers["Content-Type"].startswith("application/json")
    assert ids_of(answer)[:3] == [connection_id for _, connection_id in reversed(three)]
    times = [connection["create_time"] for connection in raw["connections"]]
    assert times == sorted(times, reverse=True)


def test_an_entry_of_the_list_is_what_show_answers(client, three):
    name, connection_id = three[0]
    (listed,) = calls.list_connections(client, name=name).to_json_object()["connections"]
    shown = calls.show(client, connection_id).to_json_object()
    assert {"is_success": True, "message": ""} | listed == shown


@pytest.mark.parametrize("status", ["ACTIVE", "active", "AcTiVe"])
def test_status_is_any_letter_case(client, three, status):
    answer = calls.list_connections(client, status=status, limit=0)
    assert {connection.status for connection in answer.connections} == {"ACTIVE"}
    assert {connection_id for _, connection_id in three} <= set(ids_of(answer))


def test_status_deleted_lists_what_was_deleted_with_no_peers(client, three, new_connection, new_name):
    name = new_name()
    connection_id = new_connection(name)
    calls.delete(client, connection_id)
    answer = calls.list_connections(client, status="deleted", limit=0)
    assert {connection.status for connection in answer.connections} == {"DELETED"}
    assert connection_id in ids_of(answer)
    assert not {found for _, found in three} & set(ids_of(answer))
    (kept,) = calls.list_connections(client, name=name).to_json_object()["connections"]
    assert (kept["status"], kept["available_queue_info"], kept["elastic_resource_pools"]) == ("DELETED", [], [])
    assert kept["isPrivis"] is True
    assert ids_of(calls.list_connections(client, name=name, status="ACTIVE")) == []


def test_name_is_exact_and_case_sensitive(client, three):
    name, connection_id = three[1]
    assert ids_of(calls.list_connections(client, name=name)) == [connection_id]
    for other in (name[:-1], name.upper(), f" {name}", "a*b", "x" * 65):
        answer = calls.list_connections(client, name=other)
        assert (answer.count, answer.connections) == (0, []), other


def test_tags_all_have_to_match(client, run_id, three):
    _, middle, newest = [connection_id for _, connection_id in three]
    expected = {
        f"run={run_id}": [newest, middle],
        f"run={run_id},colour=blue green": [newest],
        f"colour=blue green，run={run_id}": [newest],
        f" run={run_id} , empty=,": [newest],
        f"run={run_id},run=other": [],
        f"run={run_id.upper()}x": [],
        f"Run={run_id}": [],
    }
    assert {tags: ids_of(calls.list_connections(client, tags=tags)) for tags in expected} == expected


def test_pages_partition_the_list(client, three, last_answer):
    whole = ids_of(calls.list_connections(client, limit=0))
    revision, total = last_answer.headers["X-Linkspan-Revision"], int(last_answer.headers["X-Total-Count"])
    assert total == len(whole) == len(set(whole))
    # Pages of one row where the project is small, and in any project a few dozen pages at most.
    for limit in (1 + len(whole) // 100, 2 + len(whole) // 30, len(whole), len(whole) + 1):
        pages = []
        for offset in range(0, len(whole) + limit, limit):
            answer = calls.list_connections(client, limit=limit, offset=offset)
            assert answer.count == len(answer.connections) <= limit
            assert int(last_answer.headers["X-Total-Count"]) == total
            assert last_answer.headers["X-Linkspan-Revision"] == revision, "somebody else writes to this project"
            pages += ids_of(answer)
        assert pages == whole, limit


def test_offset_works_alone_and_past_the_end(client, three):
    whole = ids_of(calls.list_connections(client, limit=0))
    assert ids_of(calls.list_connections(client, offset=1, limit=0)) == whole[1:]
    assert ids_of(calls.list_connections(client, offset=1)) == whole[1:101]
    past = calls.list_connections(client, offset=len(whole) + 5)
    assert (past.status_code, past.count, past.connections) == (200, 0, [])


def test_filters_and_pages_go_together(client, run_id, three):
    _, middle, newest = [connection_id for _, connection_id in three]
    pages = [
        ids_of(calls.list_connections(client, tags=f"run={run_id}", status="active", limit=1, offset=offset))
        for offset in range(3)
    ]
    assert pages == [[newest], [middle], []]


@pytest.mark.parametrize("parameter", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "+5", "1.5", "1e3", " 1", "x", "9223372036854775808", "０"])
def test_a_malformed_number_is_named(client, refused, parameter, value):
    error = refused(400, "DLI.0001", calls.list_connections, client, **{parameter: value})
    assert parameter in error.error_msg and value.strip() in error.error_msg, error.error_msg


def test_odd_but_legal_numbers(client, three):
    whole = ids_of(calls.list_connections(client, limit=0))
    assert ids_of(calls.list_connections(client, limit="002")) == whole[:2]
    assert ids_of(calls.list_connections(client, limit="9223372036854775807")) == whole
    assert ids_of(calls.list_connections(client, limit="", offset="")) == whole[:100]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"status": "CREATING"}, "status"),
        ({"tags": "no-equals-sign"}, "tags"),
        ({"tags": "=v"}, "tags"),
        ({"tags": ",".join(f"k{number}=v" for number in range(21))}, "tags"),
    ],
)
def test_a_malformed_filter_is_refused(client, refused, query, parameter):
    error = refused(400, "DLI.0001", calls.list_connections, client, **query)
    assert parameter in error.error_msg, error.error_msg
