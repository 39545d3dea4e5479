"""Every captured request, signed again and sent as it was: status and shape are the contract's."""

import captures
import pytest
from expectations import JUDGED, NEVER_LABELS, NOT_EMPTY, NOT_IN_THE_CONTRACT, UNPUBLISHED_LABELS, expected_of
from shape import differences
from stage import Stage, substituted
from wire import Wire

CAPTURES = captures.load()
NEED_A_LOGIN = ("auth.project-id-lookup", "auth.env-region-and-iam-endpoint", "iam.list-projects", "iam.password-token")


@pytest.fixture(scope="module")
def stage(target, run_id):
    stage = Stage(Wire(target), run_id)
    yield stage
    stage.clear()


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.key)
def test_a_capture_is_answered_as_the_contract_says(capture, stage):
    if capture.label in NEED_A_LOGIN and stage.wire.target.login is None:
        pytest.skip("names a project or a user, which only a credentials file knows")
    expected = expected_of(capture)
    answer = stage.wire.resend(substituted(capture, stage.names_for(capture)))
    said = f"{answer.status} {answer.body[:500]!r}"
    assert answer.status == expected.status, said
    assert_every_answer(answer)
    if expected.status >= 400:
        assert answer.json().get("error_code") == expected.error_code, said
        assert answer.json().get("error_msg"), said
        return
    if capture.answer is None:
        assert answer.body == b"", said
        return
    stage.adopt(answer.json())
    beyond = NOT_IN_THE_CONTRACT.get(capture.key, ())
    sample = {name: value for name, value in capture.answer.items() if name not in beyond}
    assert differences(sample, answer.json()) == [], said
    if capture.key in NOT_EMPTY:
        assert answer.json()[NOT_EMPTY[capture.key]], said


def assert_every_answer(answer):
    """What holds for every answer, whatever was asked."""
    request_id = answer.headers["X-Request-Id"]
    assert request_id and len(request_id) == 32 and set(request_id) <= set("0123456789abcdef"), request_id
    assert answer.headers["Content-Encoding"] is None
    if answer.body:
        assert answer.headers["Content-Type"].startswith("application/json")


def test_the_table_speaks_of_captures_that_exist():
    keys, labels = {capture.key for capture in CAPTURES}, {capture.label for capture in CAPTURES}
    assert JUDGED.keys() | NOT_EMPTY.keys() | NOT_IN_THE_CONTRACT.keys() <= keys
    assert UNPUBLISHED_LABELS | NEVER_LABELS <= labels
    assert len(CAPTURES) == 67
