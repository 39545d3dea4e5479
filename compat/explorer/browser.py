"""A headless Chromium, driven over its own debugging protocol.

The browser is the system's: nothing is downloaded. What a page logs or what its policy forbids is kept, so that a test
can insist on there being nothing.
"""

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
START_WITHIN_S = 30
ANSWER_WITHIN_S = 20


class BrowserMissing(Exception):
    """There is no such browser on this machine."""


class Browser:
    """One page of a browser with a profile of its own, thrown away afterwards."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, PROGRAMS)), None)
        if program is None:
            raise BrowserMissing(f"none of {', '.join(PROGRAMS)} is installed: run `cargo xtask setup`")
        self.complaints = []
        self._profile = tempfile.TemporaryDirectory(prefix="linkspan-explorer-", ignore_cleanup_errors=True)
        # The sandbox needs rights that a container lacks; the only page that is opened is our own.
        flags = ["--headless", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu", "--no-sandbox"]
        flags += ["--disable-dev-shm-usage", "--disable-extensions", "--remote-allow-origins=*", "--lang=en"]
        flags += [f"--user-data-dir={self._profile.name}", "--window-size=1280,900", "about:blank"]
        self._process = subprocess.Popen([program, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._socket = websocket.create_connection(self._page_address(), timeout=ANSWER_WITHIN_S)
        except BaseException:
            self.close()
            raise
        self._count = 0
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        # A server may have signed its own certificate; whether it is trusted is the browser's affair, not the page's.
        self.call("Security.setIgnoreCertificateErrors", ignore=True)

    def close(self):
        if socket := getattr(self, "_socket", None):
            socket.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._profile.cleanup()

    def call(self, method, **parameters):
        """Calls a method of the protocol; events that come meanwhile are looked at."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == self._count:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message)

    def open(self, address):
        self.call("Page.navigate", url=address)

    def run(self, script):
        """The value of an expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, f"{script}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def until(self, script):
        """The value of an expression once it is true."""
        deadline = time.monotonic() + ANSWER_WITHIN_S
        while time.monotonic() < deadline:
            if value := self.run(script):
                return value
            # The browser is asked again at once a frame of it has passed.
            self.run("new Promise((done) => setTimeout(done, 16))")
        raise AssertionError(f"never came true: {script}\n{self.run('document.body.innerText')}")

    def _note(self, message):
        kind, parameters = message.get("method"), message.get("params", {})
        if kind == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])
        elif kind == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        elif kind == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(parameters))

    def _page_address(self):
        """The debugging address of the first page, out of what the browser writes once it listens."""
        place = Path(self._profile.name) / "DevToolsActivePort"
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the browser ended before it listened"
            written = place.read_text().split() if place.exists() else []
            if len(written) == 2:
                return self._first_page(f"ws://127.0.0.1:{written[0]}{written[1]}")
            time.sleep(0.02)
        raise AssertionError(f"the browser does not listen after {START_WITHIN_S} s")

    def _first_page(self, browser_address):
        socket = websocket.create_connection(browser_address, timeout=START_WITHIN_S)
        try:
            socket.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            while (message := json.loads(socket.recv())).get("id") != 1:
                pass
        finally:
            socket.close()
        page = next(target for target in message["result"]["targetInfos"] if target["type"] == "page")
        return browser_address.split("/devtools/")[0] + f"/devtools/page/{page['targetId']}"
