"""The explorer as somebody with a keyboard sees it."""

import json


class Page:
    def __init__(self, browser, target, operation="ListEnhancedConnections"):
        self.browser = browser
        self.target = target
        browser.open("about:blank")
        browser.open(f"{target.endpoint}/linkspan/v1/explorer#{operation}")
        browser.until("document.getElementById('form') !== null")

    def sign_in(self):
        self.fill("access-key", self.target.access_key)
        self.fill("secret-key", self.target.secret_key)
        self.fill("project", self.target.project_id)

    def fill(self, field, value):
        value = json.dumps(value)
        self.browser.run(
            f"(() => {{ const field = document.getElementById({json.dumps(field)}); field.value = {value};"
            " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )

    def choose(self, operation):
        self.browser.run(f"location.hash = {json.dumps(operation)}")
        self.browser.until(f"document.title.startsWith({json.dumps(operation)})")

    def send(self):
        """Presses the button and waits for an answer: its status and its body."""
        self.browser.run("document.getElementById('answer').replaceChildren()")
        self.browser.run("document.getElementById('send').click()")
        self.browser.until("document.getElementById('answer').children.length || document.getElementById('fault').textContent")
        status = self.text("status")
        assert status, f"it was not sent: {self.text('fault')} {self.text('answer')}"
        return int(status.split()[0]), self.text("content")

    def tab(self, name):
        self.browser.run(f"document.querySelector('[data-tab={name}]').click()")
        return self.text("request")

    def text(self, field):
        return self.browser.run(f"document.getElementById({json.dumps(field)})?.textContent ?? ''")

    def everything(self):
        return self.browser.run("document.documentElement.outerHTML")
