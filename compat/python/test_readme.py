"""The examples of the README, run as they are printed.

They speak plain HTTP, as `linkspan serve` does unless told otherwise; a run over HTTPS leaves them out.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import calls
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.plain_http


def examples(readme):
    """The fenced blocks of a page by their language; a language that stands there twice keeps its first."""
    blocks = {}
    for fence in (ROOT / readme).read_text(encoding="utf-8").split("\n```")[1::2]:
        language, _, code = fence.partition("\n")
        blocks.setdefault(language, code)
    return blocks


@pytest.fixture
def home(target, tmp_path):
    """A folder in which the credentials file lies where the README says it does."""
    if target.login is None:
        pytest.skip("no user and password: the target was not given by a credentials file")
    login = target.login
    stored = {
        "endpoint": target.endpoint,
        "access_key": target.access_key,
        "secret_key": target.secret_key,
        "project_id": target.project_id,
        "project_name": login.project_name,
        "domain_name": login.domain_name,
        "user_name": login.user_name,
        "password": login.password,
    }
    folder = tmp_path / "linkspan-data"
    folder.mkdir()
    (folder / "credentials.json").write_text(json.dumps(stored), encoding="utf-8")
    return tmp_path


def run(command, home):
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_languages_show_the_same_examples():
    assert examples("README.md") == examples("README.zh-CN.md")


def test_the_python_example(client, home, new_name):
    name = new_name()
    code = examples("README.md")["python"].replace("orders_db", name)
    printed = run([sys.executable, "-B", "-c", code], home)
    (connection,) = calls.list_connections(client, name=name).connections
    assert f"{connection.id} {name} ACTIVE" in printed.splitlines()
    calls.delete(client, connection.id)


def test_the_curl_example(home, new_connection, client):
    missing = [tool for tool in ("bash", "curl", "jq") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {missing}")
    connection_id = new_connection()
    printed = json.loads(run(["bash", "-euo", "pipefail", "-c", examples("README.md")["bash"]], home))
    assert printed["is_success"] is True
    assert connection_id in [connection["id"] for connection in printed["connections"]]
