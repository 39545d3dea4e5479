"""What every suite shares: the target, and the rule that a skipped test is a failed one where skips are forbidden."""

import os
import uuid

import pytest

from target import TargetMissing, from_environment

FORBID_SKIPS = os.environ.get("LINKSPAN_FORBID_SKIPS", "") not in ("", "0")


@pytest.fixture(scope="session")
def target():
    try:
        return from_environment()
    except TargetMissing as missing:
        pytest.exit(str(missing), returncode=2)


@pytest.fixture(scope="session")
def run_id():
    """Makes the names of one run differ from those of every other run against the same server."""
    return uuid.uuid4().hex[:8]


def pytest_collection_modifyitems(config, items):
    """Over HTTPS, what is about plain HTTP does not apply: it is counted as deselected, not as skipped."""
    if not os.environ.get("LINKSPAN_ENDPOINT", "").startswith("https:"):
        return
    left_out = [item for item in items if item.get_closest_marker("plain_http")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if FORBID_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which LINKSPAN_FORBID_SKIPS forbids: {report.longrepr[2]}"
    return report
