# SPDX-License-Identifier: BSD-3-Clause
"""A real browser without a screen: Chromium, driven over a pipe in its DevTools protocol."""
import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from world import die_with_us, patience, require_tool, wait_until

PATIENCE = patience(30)  # seconds: it starts slowly


class Browser:
    """One page, in a network namespace. Leaving it ends the browser and all that it wrote."""

    def __init__(self, namespace, url):
        require_tool("chromium")
        self.namespace, self.url = namespace, url
        self.numbers, self.received = itertools.count(1), b""
        self.complaints = []  # of the page: exceptions, what its policy forbids
        self.session = None

    def __enter__(self):
        self.directory = tempfile.mkdtemp()
        to_it, self.to = os.pipe()
        self.come, from_it = os.pipe()
        # They are to be 3 and 4 in the browser, in whatever order they are now.
        script = f'exec 8<&{to_it} 9>&{from_it} 3<&8 4>&9 8<&- 9>&-; exec "$@"'
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, "bash", "-c", script, "bash", "chromium", "--headless",
             "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-dev-shm-usage", f"--user-data-dir={self.directory}",
             "--remote-debugging-pipe", "about:blank"],
            pass_fds=[to_it, from_it], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=die_with_us, env={**os.environ, "HOME": self.directory})
        os.close(to_it)
        os.close(from_it)
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log"):
                self.call(f"{domain}.enable")
            self.call("Page.navigate", url=self.url)
            self.wait("document.URL !== 'about:blank' && document.readyState === 'complete'", "the page")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for descriptor in (self.to, self.come):
            with contextlib.suppress(OSError):
                os.close(descriptor)  # which ends it
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def call(self, method, **parameters):
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(end)
            if answer.get("id") == number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(json.dumps(answer["params"]))

    def receive(self, end):
        while b"\0" not in self.received:
            assert select.select([self.come], [], [], max(0, end - time.monotonic()))[0], "the browser is silent"
            some = os.read(self.come, 1 << 20)
            assert some, "the browser ended"
            self.received += some
        message, self.received = self.received.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def text(self, selector):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    def wait(self, expression, what):
        wait_until(lambda: self.evaluate(expression), what, PATIENCE)

    def press(self, key, code=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                      **({"text": "\r"} if key == "Enter" else {}))

    def look(self, width, scheme):
        """As on a screen of that width, by day ("light") or by night ("dark")."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                            clip={**size, "x": 0, "y": 0, "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))
