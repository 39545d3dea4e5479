"""Quotas, and how much of each is used."""

import calls
from calls import dli, run


def used(client, kind):
    (entry,) = [entry for entry in run(client, "ShowQuota").quotas.resources if entry.type == kind]
    return entry.used


def test_quotas_count_what_is_there(client, new_name):
    assert len(run(client, "ShowQuota").quotas.resources) > 1, "the provider's own test wants more than one"
    before, queue = (used(client, "QUEUE"), used(client, "CU")), new_name()
    calls.create_queue(client, queue)
    body = dli.RunQueueActionRequestBody(action="scale_out", cu_count=16)
    run(client, "RunQueueAction", queue_name=queue, body=body)
    assert (used(client, "QUEUE"), used(client, "CU")) == (before[0] + 1, before[1] + 32)
    calls.delete_queue(client, queue)
    assert (used(client, "QUEUE"), used(client, "CU")) == before
