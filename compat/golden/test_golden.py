"""Every operation against its golden sample: the documented status, every documented field, each of its type."""

import itertools

import pytest
import samples
from furniture import Furniture
from shape import differences
from wire import Wire

SAMPLES = samples.load()
NUMBERS = itertools.count(1)


@pytest.fixture
def furniture(target, run_id):
    made = Furniture(Wire(target), f"golden_{run_id}_{next(NUMBERS)}")
    yield made
    made.clear()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["operation"])
def test_the_answer_has_every_field_of_the_sample(sample, furniture):
    request = samples.filled(sample["request"], furniture.of)
    headers = list(request.get("headers", {}).items())
    answer = furniture.wire.attempt(request["method"], request["path"], request.get("body"), headers)
    said = f"{answer.status} {answer.body[:1000]!r}"
    assert answer.status == sample["status"], said
    assert answer.headers["X-Request-Id"]
    if sample["answer"] is None:
        assert answer.body == b"", said
        return
    assert differences(sample["answer"], answer.json()) == [], said
    assert samples.empty_lists(sample["answer"], answer.json()) == [], said


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["operation"])
def test_a_sample_says_where_it_is_from(sample):
    assert sample["source"] and sample["date"][:2] == "20"
