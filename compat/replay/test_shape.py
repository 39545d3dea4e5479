"""The comparison of shapes: what it must let pass and what not."""

import pytest
from shape import differences


@pytest.mark.parametrize(
    ("sample", "answer"),
    [
        ({"a": 1}, {"a": 2, "b": "more"}),
        ({"list": [{"a": ""}]}, {"list": []}),
        ({"list": []}, {"list": [{"a": 1}]}),
        (None, None),
    ],
)
def test_the_same_shape(sample, answer):
    assert differences(sample, answer) == []


@pytest.mark.parametrize(
    ("sample", "answer", "difference"),
    [
        ({"a": 1}, {}, "$.a is missing"),
        ({"a": 1}, {"a": "1"}, "$.a is string and should be integer"),
        ({"a": 1}, {"a": True}, "$.a is boolean and should be integer"),
        ({"a": 1}, {"a": 1.0}, "$.a is number and should be integer"),
        ({"a": ""}, {"a": None}, "$.a is null and should be string"),
        ({"list": [{"a": ""}]}, {"list": [{"a": ""}, {}]}, "$.list[1].a is missing"),
        ([], {}, "$ is object and should be array"),
    ],
)
def test_another_shape(sample, answer, difference):
    assert differences(sample, answer) == [difference]
