"""How strict the Terraform provider is, row by row: what breaks it is what this server never does.

Each test stands for one row of a table that was made by changing one answer at a time and watching the unmodified
provider (`captures/terraform-response-strictness.jsonl`), and says which of its cases it is about.
"""

import itertools

import captures
import pytest
from provider import CONNECTIONS, Provider
from wire import Wire

COVERED = {}
NUMBERS = itertools.count(1)


def row(*cases):
    """Names the cases of the table that a test stands for."""

    def remember(test):
        COVERED[test.__name__] = cases
        return test

    return remember


class Made:
    """A provider and what it made, to be cleared away."""

    def __init__(self, wire, run_id):
        self.provider, self.run_id, self.made, self.pools = Provider(wire), run_id, [], []

    def name(self):
        return f"strict_{self.run_id}_{len(self.made)}"

    def connection(self, **fields):
        answer = self.provider.create(self.name(), **fields)
        assert answer.status == 201, answer
        self.made.append(answer.json()["connection_id"])
        return self.made[-1]

    def pool(self):
        self.pools.append(f"strict_{self.run_id}_pool{len(self.pools)}")
        body = {"elastic_resource_pool_name": self.pools[-1], "min_cu": 64, "max_cu": 64}
        self.provider.wire.call("POST", "/v3/{}/elastic-resource-pools", body)
        return self.pools[-1]

    def clear(self):
        for connection_id in self.made:
            self.provider.delete(connection_id)
        for pool in self.pools:
            self.provider.wire.attempt("DELETE", f"/v3/{{}}/elastic-resource-pools/{pool}")


@pytest.fixture
def made(target, run_id):
    made = Made(Wire(target), f"{run_id}_{next(NUMBERS)}")
    yield made
    made.clear()


@pytest.fixture
def provider(made):
    return made.provider


def succeeded(answer):
    """What the provider takes for a success where it looks at `is_success`: 200, and true as a boolean."""
    assert answer.status == 200, answer
    assert answer.headers["Content-Type"].startswith("application/json"), answer.headers
    assert answer.json()["is_success"] is True, answer
    return answer.json()


@row("baseline")
def test_a_connection_is_made_shown_listed_and_deleted(made, provider):
    connection_id = made.connection()
    assert succeeded(provider.show(connection_id))["id"] == connection_id
    assert connection_id in [entry["id"] for entry in provider.data_source()]
    succeeded(provider.delete(connection_id))


@row("create200")
def test_create_answers_201_and_not_200(made, provider):
    answer = provider.create(made.name())
    made.made.append(answer.json()["connection_id"])
    assert answer.status == 201


@row("create201-no-is_success")
def test_create_says_is_success_although_its_absence_would_do(made, provider):
    answer = provider.create(made.name())
    made.made.append(answer.json()["connection_id"])
    assert answer.json()["is_success"] is True


@row("create201-is_success-false", "create400")
def test_a_create_that_fails_is_no_201(made, provider):
    answer = provider.create("not a name")
    assert answer.status == 400
    assert answer.json()["error_code"] == "DLI.0001" and answer.json()["error_msg"]


@row("route-201", "route-200-false")
def test_add_route_answers_200_and_not_201(made, provider):
    succeeded(provider.add_route(made.connection(), "r", "10.1.0.0/16"))


@row("show-201")
def test_show_answers_200_and_not_201(made, provider):
    assert provider.show(made.connection()).status == 200


@row("show-no-routes-hosts", "show-nulls")
def test_show_has_every_array_and_none_is_null(made, provider):
    shown = succeeded(provider.show(made.connection()))
    for name in ("routes", "hosts", "available_queue_info", "elastic_resource_pools"):
        assert shown[name] == [], name


@row("show-no-routes-hosts")
def test_show_gives_routes_and_hosts_back_as_they_were_set(made, provider):
    hosts = [{"ip": "10.0.0.2", "name": "b.example"}, {"ip": "10.0.0.1", "name": "a.example"}]
    connection_id = made.connection(hosts=hosts)
    for name, cidr in (("z", "10.2.0.0/16"), ("a", "10.1.0.0/16")):
        succeeded(provider.add_route(connection_id, name, cidr))
    shown = succeeded(provider.show(connection_id))
    assert shown["hosts"] == hosts
    assert [(route["name"], route["cidr"]) for route in shown["routes"]] == [("z", "10.2.0.0/16"), ("a", "10.1.0.0/16")]


@row("show-is_success-string", "show-is_success-false")
def test_is_success_of_show_is_a_boolean_and_true(made, provider):
    assert provider.show(made.connection()).json()["is_success"] is True


@row("show-400-after-create")
def test_show_of_an_unknown_connection_is_404_and_not_400(provider):
    answer = provider.show("00000000-0000-4000-8000-000000000000")
    assert (answer.status, answer.json()["error_code"]) == (404, "DLI.0001")


@row("show-404-after-create", "show-DELETED-after-create")
def test_show_after_an_outside_delete_is_200_and_says_deleted(made, provider):
    connection_id = made.connection()
    succeeded(provider.delete(connection_id))
    assert succeeded(provider.show(connection_id))["status"] == "DELETED"


@row("show-status-lowercase")
def test_status_is_upper_case_although_lower_case_would_do(made, provider):
    assert succeeded(provider.show(made.connection()))["status"] == "ACTIVE"


@row("show-500-once")
def test_a_show_right_after_a_create_never_fails(made, provider):
    for _ in range(20):
        succeeded(provider.show(made.connection()))


@row("delete-204", "delete-404", "delete-400", "delete-200-empty", "delete-200-false")
def test_delete_answers_200_with_a_body_that_says_success(made, provider):
    assert succeeded(provider.delete(made.connection()))["message"] == "Deleted"


@row("list-connections-null", "list-connections-missing", "list-empty-array")
def test_an_empty_list_is_an_array(provider):
    answer = provider.call("GET", f"{CONNECTIONS}?status=ACTIVE&name=no_such_name")
    assert succeeded(answer)["connections"] == []


@row("list-two-arrays")
def test_a_list_has_one_array_at_top_level(made, provider):
    made.connection()
    listed = succeeded(provider.call("GET", f"{CONNECTIONS}?status=ACTIVE"))
    assert [name for name, value in listed.items() if isinstance(value, list)] == ["connections"]


@row("list-text-plain", "list-ct-charset")
def test_a_list_is_application_json(provider):
    answer = provider.call("GET", f"{CONNECTIONS}?status=ACTIVE")
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"


@row("list-is_success-false")
def test_a_list_that_fails_is_no_200(provider):
    answer = provider.call("GET", f"{CONNECTIONS}?status=ACTIVE&limit=x")
    assert answer.status == 400 and answer.json()["error_code"] == "DLI.0001"


@row("list-404")
def test_the_list_of_a_project_is_never_404(provider):
    succeeded(provider.call("GET", f"{CONNECTIONS}?status=ACTIVE&offset=1000000"))


@row("list-offset-ignored")
def test_offset_works_without_limit_and_ends_with_an_empty_page(made, provider):
    ids = [made.connection() for _ in range(3)]
    listed = [entry["id"] for entry in provider.data_source()]
    assert listed[:3] == ids[::-1], "newest first"
    assert len(listed) == len(set(listed))
    rest = succeeded(provider.call("GET", f"{CONNECTIONS}?status=ACTIVE&offset=1"))["connections"]
    assert [entry["id"] for entry in rest][:2] == ids[1::-1]


@row("list-create_time-string")
def test_create_time_is_an_integer(made, provider):
    made.connection()
    for entry in provider.data_source():
        assert type(entry["create_time"]) is int


@row("list-isPrivis-missing", "list-hosts-null")
def test_an_entry_has_every_field_although_some_might_be_missing(made, provider):
    made.connection()
    (entry,) = provider.data_source(f"&name=strict_{made.run_id}_0")
    assert entry["isPrivis"] is True
    for name in ("hosts", "routes", "available_queue_info", "elastic_resource_pools"):
        assert entry[name] == [], name


@row("priv-only-applicant", "priv-only-project_id")
def test_a_grant_names_its_project_under_both_names(made, provider):
    connection_id = made.connection()
    succeeded(provider.authorize("grant", connection_id, "0123456789abcdef0123456789abcdef"))
    (entry,) = succeeded(provider.privileges(connection_id))["privileges"]
    assert entry["project_id"] == entry["applicant_project_id"] == "0123456789abcdef0123456789abcdef"
    assert entry["privileges"] == ["BIND_QUEUE"]


@row("auth-no-is_success")
def test_the_answer_to_a_grant_says_is_success(made, provider):
    connection_id = made.connection()
    for action in ("grant", "update", "revoke"):
        succeeded(provider.authorize(action, connection_id, "0123456789abcdef0123456789abcdef"))
    assert succeeded(provider.privileges(connection_id))["privileges"] == []


@row("assoc-not-visible", "assoc-creating")
def test_a_bound_pool_is_in_the_very_next_show(made, provider):
    connection_id, pool = made.connection(), made.pool()
    succeeded(provider.bind(connection_id, [pool]))
    (peer,) = succeeded(provider.show(connection_id))["elastic_resource_pools"]
    assert peer["name"] == pool and peer["status"] in ("CREATING", "ACTIVE")


def test_every_case_of_the_table_has_a_test():
    cases = {line["case"] for line in captures.lines_of(captures.TERRAFORM_STRICTNESS)}
    assert {case for covered in COVERED.values() for case in covered} == cases
