"""Fixtures of the SDK suite: a client, things to bind, and connections that are cleared away afterwards."""

import itertools
from dataclasses import dataclass

import calls
import pytest
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException


@dataclass(frozen=True)
class Sources:
    """Two queues of their own, a pool, and a queue that lives in the pool."""

    queue: str
    other_queue: str
    pool: str
    pooled_queue: str


@pytest.fixture(scope="session")
def last_answer():
    return calls.LastAnswer()


@pytest.fixture(scope="session")
def client(target, last_answer):
    return calls.client_of(target, calls.keys_of(target), last_answer)


@pytest.fixture(scope="session")
def new_name(run_id):
    numbers = itertools.count(1)
    return lambda: f"sdk_{run_id}_{next(numbers)}"


@pytest.fixture(scope="session")
def sources(client, run_id):
    found = Sources(*(f"sdk_{run_id}_{kind}" for kind in ("q1", "q2", "pool", "pooled")))
    calls.create_queue(client, found.queue)
    calls.create_queue(client, found.other_queue)
    calls.create_pool(client, found.pool)
    calls.create_queue(client, found.pooled_queue, elastic_resource_pool_name=found.pool)
    yield found
    for queue in (found.pooled_queue, found.queue, found.other_queue):
        calls.delete_queue(client, queue)
    calls.delete_pool(client, found.pool)


@pytest.fixture
def new_connection(client, new_name):
    """Makes connections and gives back their ids; what a test leaves behind is deleted."""
    made = []

    def make(name=None, **fields):
        made.append(calls.create(client, name or new_name(), **fields).connection_id)
        return made[-1]

    yield make
    for connection_id in made:
        try:
            calls.settled(client, connection_id)
            calls.delete(client, connection_id)
        except ClientRequestException as gone:
            assert gone.error_code == "DLI.0001", gone


@pytest.fixture
def refused():
    """Calls what must be refused, and gives back the exception as the SDK decoded it."""

    def call(status_code, error_code, function, *arguments, **fields):
        with pytest.raises(ClientRequestException) as caught:
            function(*arguments, **fields)
        error = caught.value
        assert (error.status_code, error.error_code) == (status_code, error_code), error
        assert error.error_msg, "an error says what is wrong"
        assert_request_id(error.request_id)
        return error

    return call


def assert_request_id(request_id):
    assert request_id and len(request_id) == 32 and set(request_id) <= set("0123456789abcdef"), request_id
