"""The vendor's SDK makes networks, and packets flow between them: the Linux plane, in namespaces of this test's own.

`cargo xtask test networks` starts this as root of a user namespace, with a network and a /run that nobody else sees.
"""

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import calls
import huaweicloudsdkvpc.v2 as vpc
import pytest
from calls import run

from target import from_environment

BINARY = os.environ.get("LINKSPAN_BINARY", "linkspan")
HANDLES = Path("/run/linkspan/netns")
WITHIN_S = 30
CUT_WITHIN_S = 2
PORT = 9092

ECHO = f"""
import socket, sys, threading
listener = socket.create_server((sys.argv[1], {PORT}))
print("listens", flush=True)
def echo(peer):
    with peer:
        while data := peer.recv(64):
            peer.sendall(data)
while True:
    threading.Thread(target=echo, args=listener.accept()[:1], daemon=True).start()
"""

TALK = f"""
import socket, sys, time
with socket.create_connection((sys.argv[1], {PORT}), timeout=5) as peer:
    peer.settimeout(1)
    print("open", flush=True)
    try:
        while True:
            peer.sendall(b"x")
            if not peer.recv(1):
                break
            time.sleep(0.02)
    except OSError:
        pass
print("cut", flush=True)
"""


def until(what, holds):
    deadline = time.monotonic() + WITHIN_S
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s: {what}"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def credentials(tmp_path_factory):
    """A server on real networks, with the netd that it starts; gives the file of its first key."""
    data = tmp_path_factory.mktemp("data")
    command = [BINARY, "serve", "--plane", "linux", "--listen", "127.0.0.1:8780", "--metrics-listen", "off"]
    with subprocess.Popen([*command, "--data-dir", data], stdout=subprocess.PIPE) as server:
        try:
            server.stdout.readline()
            with urllib.request.urlopen("http://127.0.0.1:8780/readyz", timeout=WITHIN_S) as ready:
                assert ready.status == 200
            yield data / "credentials.json"
        finally:
            server.terminate()
            assert server.wait(WITHIN_S) == 0


@pytest.fixture(scope="module")
def target(credentials):
    return from_environment({"LINKSPAN_CREDENTIALS": str(credentials)})


@pytest.fixture
def started():
    """Starts programs that print a word when they are ready; all of them end with the test."""
    with contextlib.ExitStack() as running:

        def start(command, word):
            program = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            running.callback(program.kill)
            assert program.stdout.readline().strip() == word, command
            return program

        yield start


def in_queue(credentials, queue, *command):
    return ["env", f"LINKSPAN_CREDENTIALS={credentials}", BINARY, "queue", "exec", queue, "--", *command]


def reaches(credentials, queue, name):
    script = f"exec 3<>/dev/tcp/{name}/{PORT}"
    return subprocess.run(in_queue(credentials, queue, "bash", "-c", script), capture_output=True).returncode == 0


def namespace_with(address):
    """The handle of the namespace that has an address; none if there is none."""
    for handle in HANDLES.iterdir():
        shown = subprocess.run(["nsenter", f"--net={handle}", "ip", "-4", "-o", "addr"], capture_output=True, text=True)
        if f" {address}/" in shown.stdout:
            return handle
    return None


def data_source(started, address):
    handle = until(f"a namespace has {address}", lambda: namespace_with(address))
    return started(["nsenter", f"--net={handle}", sys.executable, "-c", ECHO, address], "listens")


def test_what_the_sdk_binds_is_reached_and_nothing_else(target, credentials, started):
    client = calls.client_of(target, calls.keys_of(target))
    networks = calls.client_of(target, calls.keys_of(target), kind=vpc.VpcClient)
    option = vpc.CreateVpcOption(name="data", cidr="192.168.0.0/16")
    home = run(networks, "CreateVpc", body=vpc.CreateVpcRequestBody(vpc=option)).vpc.id

    def subnet(name, cidr):
        option = vpc.CreateSubnetOption(name=name, cidr=cidr, vpc_id=home, gateway_ip=None)
        return run(networks, "CreateSubnet", body=vpc.CreateSubnetRequestBody(subnet=option)).subnet.id

    kafka, other = subnet("kafka", "192.168.10.0/24"), subnet("other", "192.168.20.0/24")
    for queue in ("near", "apart"):
        calls.create_queue(client, queue)

    def connection(name, network, queue):
        fields = {"dest_vpc_id": home, "dest_network_id": network, "hosts": [calls.host("broker", "192.168.10.2")]}
        made = calls.create(client, name, queues=[queue], **fields).connection_id
        assert calls.settled(client, made).available_queue_info[0].status == "ACTIVE"
        return made

    connection("elsewhere", other, "apart")
    assert not reaches(credentials, "apart", "192.168.10.2"), "nothing is bound to it"
    made = connection("kafka", kafka, "near")
    data_source(started, "192.168.10.2")
    data_source(started, "192.168.20.2")
    assert reaches(credentials, "near", "192.168.10.2") and reaches(credentials, "near", "broker")
    assert reaches(credentials, "apart", "192.168.20.2")
    assert not reaches(credentials, "near", "192.168.20.2"), "another subnet of the same VPC"
    assert not reaches(credentials, "apart", "192.168.10.2"), "a subnet of another connection"

    talk = started(in_queue(credentials, "near", sys.executable, "-c", TALK, "192.168.10.2"), "open")
    calls.unbind(client, made, queues=["near"])
    unbound = time.monotonic()
    assert talk.stdout.readline().strip() == "cut"
    assert time.monotonic() - unbound < CUT_WITHIN_S
    assert not reaches(credentials, "near", "192.168.10.2"), "it was unbound"
