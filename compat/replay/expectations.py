"""What a capture is answered with here, where that is not what the stub answered when the capture was made.

The stub said yes to everything; Linkspan judges. The table is `expectations.json`, with a reason for each line, since the
tests that play the captures inside the server's process use it too.

An operation that is not published yet is answered like any unknown path, 404 `APIGW.0101`: its label stands among the
unpublished ones (for Terraform's captures, what its path holds), so that this suite goes red on the day it is published
and has to be taken out.
"""

import json
from dataclasses import dataclass
from pathlib import Path

TABLE = json.loads((Path(__file__).parent / "expectations.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Expected:
    status: int
    error_code: str | None = None


NOWHERE = Expected(404, "APIGW.0101")

# By number and label, since one label may stand at several captures. Without an error code only the status is another.
JUDGED = {key: Expected(line["status"], line.get("error_code")) for key, line in TABLE["judged"].items()}
# Of the provider's acceptance test.
TERRAFORM_JUDGED = {key: Expected(line["status"], line.get("error_code")) for key, line in TABLE["terraform_judged"].items()}

UNPUBLISHED_LABELS = set(TABLE["unpublished_labels"])
TERRAFORM_UNPUBLISHED = tuple(TABLE["terraform_unpublished_paths"])
NEVER_LABELS = TABLE["never_labels"].keys()

# Fields that the stub sent and the contract does not have.
NOT_IN_THE_CONTRACT = {key: set(line["fields"]) for key, line in TABLE["not_in_the_contract"].items()}
# Answers whose list must hold something, so that its entries' shape is compared too.
NOT_EMPTY = TABLE["not_empty"]


def expected_of(capture) -> Expected:
    if capture.label in UNPUBLISHED_LABELS or capture.label in NEVER_LABELS:
        return NOWHERE
    return JUDGED.get(capture.key, Expected(capture.status))


def expected_of_terraform(capture) -> Expected:
    if any(part in capture.target for part in TERRAFORM_UNPUBLISHED):
        return NOWHERE
    return TERRAFORM_JUDGED.get(capture.key, Expected(capture.status))
