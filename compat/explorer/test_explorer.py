"""The explorer in a real browser: it signs, sends and shows, and keeps its secrets."""

import json
import os
import shlex
import subprocess
import sys
import uuid

import pytest


def created(page, name):
    body = {"name": name, "dest_vpc_id": "vpc-explorer", "dest_network_id": "net-explorer"}
    page.choose("CreateEnhancedConnection")
    page.fill("body", json.dumps(body))
    status, content = page.send()
    assert status == 201, content
    return json.loads(content)["connection_id"]


@pytest.fixture
def connection(page, run_id):
    page.sign_in()
    name = f"explorer_{run_id}_{uuid.uuid4().hex[:8]}"
    identity = created(page, name)
    yield name, identity
    page.sign_in()
    page.choose("DeleteEnhancedConnection")
    page.fill("p-connection_id", identity)
    assert page.send()[0] == 200


def test_a_list_is_signed_here_and_shown(page, connection):
    name, identity = connection
    page.choose("ListEnhancedConnections")
    page.fill("p-status", "ACTIVE")
    page.fill("p-name", name)
    status, content = page.send()
    assert status == 200
    assert [row["id"] for row in json.loads(content)["connections"]] == [identity]
    assert name in page.browser.run("document.getElementById('content').innerText")
    assert "x-linkspan-revision" in page.text("answer")
    assert page.browser.complaints == []


def test_values_are_signed_as_they_are_sent(page):
    page.sign_in()
    page.fill("p-name", "a b+c*~'(名)%2F=&")
    page.fill("p-tags", "k=v,名=值 1")
    assert page.send()[0] == 200


def test_the_secret_is_nowhere_but_in_its_field(page, connection):
    secret = page.target.secret_key
    assert secret not in page.everything()
    for tab in ("http", "curl", "python"):
        assert secret not in page.tab(tab)
    kept = page.browser.run("JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie])")
    assert secret not in kept and page.target.access_key not in kept
    page.browser.run("location.reload()")
    page.browser.until("document.getElementById('form') !== null && !document.getElementById('status')")
    assert page.browser.run("document.getElementById('secret-key').value") == ""


def test_the_command_that_is_shown_works(page, connection):
    name, _ = connection
    page.choose("ListEnhancedConnections")
    page.fill("p-name", name)
    page.send()
    command = shlex.split(page.tab("curl").replace("\\\n", " "))
    environment = {**os.environ, "CURL_CA_BUNDLE": os.environ.get("LINKSPAN_CA_FILE", "")}
    answer = subprocess.run([*command, "-sS"], capture_output=True, check=True, timeout=20, env=environment)
    assert json.loads(answer.stdout)["connections"][0]["name"] == name


# The script trusts what the system trusts; how to make the SDK trust more is the vendor's documentation's to say.
@pytest.mark.plain_http
def test_the_script_that_is_shown_works(page, connection):
    name, _ = connection
    page.choose("ListEnhancedConnections")
    page.fill("p-name", name)
    page.fill("p-limit", "5")
    environment = {"HUAWEICLOUD_SDK_AK": page.target.access_key, "HUAWEICLOUD_SDK_SK": page.target.secret_key}
    script = [sys.executable, "-c", page.tab("python")]
    answer = subprocess.run(script, capture_output=True, text=True, env=environment, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert name in answer.stdout


def test_every_operation_of_the_document_can_be_opened(page):
    names = page.browser.run("fetch('/linkspan/v1/openapi.json').then((read) => read.json()).then((document) =>"
                             " Object.values(document.paths).flatMap((path) => Object.entries(path))"
                             ".filter(([method]) => method !== 'head').map(([, operation]) => operation.operationId))")
    assert len(names) > 40
    page.browser.run("document.getElementById('language').click()")
    for name in names:
        page.choose(name)
        for tab in ("http", "curl", "python"):
            assert page.tab(tab), name
    assert page.browser.complaints == []


def test_what_can_not_be_sent_says_why(page):
    page.browser.run("document.getElementById('send').click()")
    assert "project_id" in page.text("fault")
    page.fill("project", "p")
    page.browser.run("document.getElementById('send').click()")
    assert "access key" in page.text("fault")
    page.choose("CreateQueue")
    page.fill("body", "{")
    page.browser.run("document.getElementById('send').click()")
    assert "JSON" in page.text("fault")


def test_both_languages(page):
    page.browser.run("document.getElementById('language').click()")
    assert page.browser.run("document.documentElement.lang") == "zh-CN"
    assert "查询增强型跨源连接列表" in page.text("operation")
    page.browser.run("document.getElementById('language').click()")
    assert page.browser.run("document.documentElement.lang") == "en"


def test_the_search_finds_by_name_path_and_summary(page):
    def shown(text):
        page.fill("search", text)
        return page.browser.run("[...document.querySelectorAll('nav a')].map((link) => link.hash.slice(1))")

    assert shown("dli_02_0190") == ["ListEnhancedConnections"]
    assert "AssociateQueueToEnhancedConnection" in shown("associate-queue")
    assert "ListQueues" in shown("查询队列列表")
    assert shown("no such thing") == []


def test_a_refusal_is_shown_as_it_came(page):
    page.sign_in()
    page.fill("secret-key", "wrong")
    status, content = page.send()
    assert (status, json.loads(content)["error_code"]) == (401, "APIGW.0301")
