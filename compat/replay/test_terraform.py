"""One acceptance test of the Terraform provider, request for request: make, read, change, import, destroy.

The captures are sent in their order, each signed again as the provider signs: without the host, and with a project id
that no signature covers. What one answer names (a VPC, a subnet, a connection) goes into the requests after it.
"""

import captures
import pytest
from expectations import TERRAFORM_JUDGED, expected_of_terraform
from shape import differences
from stage import substituted
from wire import Wire

CAPTURES = captures.load(captures.TERRAFORM)
CAPTURED_NAME = "tf_test_zn29y"
DATES = {"create_time", "created_at", "updated_at", "update_time"}


class Play:
    """What the captured ids and names are called on this server; grows with each answer that makes something."""

    def __init__(self, wire, run_id):
        self.wire = wire
        self.names = {CAPTURED_NAME: f"tf_test_{run_id}", captures.PROJECT_ID: wire.target.project_id}
        if wire.target.login is not None:
            self.names[captures.DOMAIN_ID] = wire.target.login.domain_id

    def learn(self, captured, answered):
        """Takes the ids that an answer made, wherever the capture's answer has one."""
        for path in (("vpc", "id"), ("subnet", "id"), ("connection_id",)):
            old, new = _at(captured, path), _at(answered, path)
            if old and new:
                self.names[old] = new

    def as_here(self, value):
        """A captured answer with the names and ids of this server."""
        if isinstance(value, dict):
            return {name: self.as_here(entry) for name, entry in value.items()}
        if isinstance(value, list):
            return [self.as_here(entry) for entry in value]
        return self.names.get(value, value) if isinstance(value, str) else value


def _at(value, path):
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@pytest.fixture(scope="module")
def play(target, run_id):
    return Play(Wire(target), run_id)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: f"{capture.key}-{capture.target.split('/')[-1]}")
def test_the_provider_reads_the_answer_it_reads_there(capture, play):
    expected = expected_of_terraform(capture)
    answer = play.wire.resend(substituted(capture, play.names))
    said = f"{capture.method} {capture.target}: {answer.status} {answer.body[:500]!r}"
    assert answer.status == expected.status, said
    assert answer.headers["X-Request-Id"], "the provider puts it into its messages"
    if expected.error_code:
        assert answer.json()["error_code"] == expected.error_code, said
        return
    if capture.answer is None:
        assert answer.body == b"", said
        return
    play.learn(capture.answer, answer.json())
    assert differences(capture.answer, answer.json()) == [], said
    if "enhanced-connections/" in capture.target and capture.method == "GET":
        assert connection_of(answer.json()) == connection_of(play.as_here(capture.answer)), said


def connection_of(shown):
    """What the provider keeps of a connection in its state, without the times."""
    kept = ("id", "name", "status", "dest_vpc_id", "dest_network_id", "hosts", "routes", "available_queue_info")
    without_times = lambda entry: {name: value for name, value in entry.items() if name not in DATES}
    lists = {name: [without_times(entry) for entry in shown[name]] for name in kept if isinstance(shown[name], list)}
    return {name: shown[name] for name in kept} | lists


def test_the_captures_are_all_there_and_sign_as_the_provider_does():
    assert len(CAPTURES) == 61
    assert TERRAFORM_JUDGED.keys() <= {capture.key for capture in CAPTURES}
    for capture in CAPTURES:
        if capture.signed_headers:
            assert "host" not in capture.signed_headers and "x-project-id" not in capture.signed_headers
            assert "X-Project-Id" in dict(capture.headers)
