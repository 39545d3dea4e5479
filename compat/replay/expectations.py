"""What a capture is answered with here, where that is not what the stub answered when the capture was made.

The stub said yes to everything; Linkspan judges. Each line has its reason. An operation that is not published yet is
answered like any unknown path, 404 `APIGW.0101`: its label stands in UNPUBLISHED, so that this suite goes red on the
day it is published and the label has to be taken out.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    status: int
    error_code: str | None = None


# By number and label, since one label may stand at several captures.
JUDGED = {
    # A negative limit is malformed: only digits.
    "06-conn.list.negative": Expected(400, "DLI.0001"),
    # An empty body counts as `{}`, which lacks the required fields.
    "10-conn.create.no-body": Expected(400, "DLI.0001"),
    # The number of a test that was never made.
    "29-conntest.show": Expected(400, "DLI.0002"),
    # A segment with an encoded slash matches no path.
    "12-conn.show.odd-id": Expected(404, "APIGW.0101"),
    # A route of this name was never added, and none could be: its characters are no route name's.
    "22-conn.route.v2.delete": Expected(400, "DLI.0002"),
    # The SDK without a project id sends the template's placeholder; the answer says so.
    "57-auth.endpoint-without-project-id": Expected(403, "DLI.0003"),
}

UNPUBLISHED_LABELS = {
    "vpc.list", "vpc.show", "subnet.show", "subnet.list", "routetable.list",
}  # fmt: skip

# The classic connections ended in 2024; they are no operation of Linkspan and will not be one.
NEVER_LABELS = {"legacy.list"}

# Fields that the stub sent and the contract does not have.
NOT_IN_THE_CONTRACT = {
    # The list of queues has no `count` (dli_02_0196); the stub answered every list alike.
    "37-queue.list": {"count"},
    # The tag calls have no envelope (dli_02_0399, dli_02_0398).
    "34-tags.filter": {"is_success", "message"},
    "35-tags.count": {"is_success", "message"},
}

# Answers whose list must hold something, so that its entries' shape is compared too.
NOT_EMPTY = {
    "01-conn.list.default": "connections",
    "03-conn.list.limit0": "connections",
    "23-conn.privileges.show": "privileges",
    "04-conn.list.empty-name": "connections",
    "51-auth.security-token": "connections",
    "53-auth.project-id-lookup": "projects",
    "60-auth.invoker-extra-header": "domains",
}


def expected_of(capture) -> Expected:
    if capture.label in UNPUBLISHED_LABELS | NEVER_LABELS:
        return Expected(404, "APIGW.0101")
    return JUDGED.get(capture.key, Expected(capture.status))
